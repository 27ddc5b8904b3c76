"""What lists of events can be narrowed by: one model for pages, feeds, exports and the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from board.days import IsoDay
from board.index.ask import Asked, Order
from board.index.rows import series
from events.view.catalog import CATALOG, METRICS, UnknownMetric, check_dim
from events.view.series import dim_key, parse_dim_key, window

WindowName = Literal["7d", "30d", "90d", "365d", "month", "year", "statistical_year", "cumulative"]
Word = Annotated[str, Field(max_length=120)]
_TAGS = (
    *("type", "source", "company", "entity", "product", "province", "scenario", "modality", "algorithm", "sector"),
    *("stage", "exchange", "register_name", "device_class", "route", "origin"),
)


class EventFilter(BaseModel):
    """Conditions on events; all that are given must hold. An empty one is as if it were not given.

    ``q`` is searched for in titles, names and numbers, Chinese and English. With ``metric`` (and ``dims`` as ``name=value``)
    the events are those that the figure is made of, in its ``window``.
    """

    q: Annotated[str, Field(max_length=200)] = ""
    type: Word = ""
    source: Word = ""
    company: Word = ""
    entity: Word = ""
    product: Word = ""
    province: Word = ""
    scenario: Word = ""
    modality: Word = ""
    algorithm: Word = ""
    sector: Word = ""
    stage: Word = ""
    exchange: Word = ""
    register_name: Word = ""
    device_class: Word = ""
    route: Word = ""
    origin: Word = ""
    since: IsoDay | Literal[""] = ""
    metric: Word = ""
    dims: Word = ""
    window: WindowName = "cumulative"

    def asked(self, until: date) -> Asked:
        """The question to the index, up to a day. Raises HTTPException 404 or RequestValidationError for an unknown metric."""
        tags = tuple(f"{name}={value}" for name in _TAGS if (value := getattr(self, name)))
        within = window(self.window, until)
        since = max(filter(None, (self.since or None, within.start)), default=None)
        return Asked(until=until, since=since, tags=tags, counted=self._series(), text=self.q)

    def given(self) -> dict[str, str]:
        """What is not empty, for addresses."""
        found = self.model_dump(mode="json", exclude_defaults=True)
        return {name: str(value) for name, value in found.items() if value != ""}

    def _series(self) -> str:
        if not self.metric:
            return ""
        if self.metric not in CATALOG:
            raise HTTPException(404, f"no metric is called {self.metric!r}")
        if self.metric not in METRICS:
            raise invalid("metric", f"{self.metric} is worked out of several series; ask for those")
        dims = parse_dim_key(self.dims)
        spec = METRICS[self.metric]
        try:
            for name in dims:
                check_dim(spec, name)
        except UnknownMetric as unknown:
            raise invalid("dims", str(unknown)) from None
        dims.pop(spec.states or "", None)
        return series(self.metric, dim_key(dims))


class CertificateFilter(EventFilter):
    """Conditions on certificates: of AI products in Class III, or all that were seen."""

    scope: Literal["ai", "all"] = "ai"
    sort: Literal["time", "number", "product", "company", "sector"] = "time"
    direction: Literal["asc", "desc"] = "desc"

    def asked(self, until: date) -> Asked:
        """The question, for certificates alone."""
        base = super().asked(until)
        counted = base.counted or (series("class3_certificates") if self.scope == "ai" else "")
        return Asked(
            until=until,
            since=base.since,
            tags=(*base.tags, "type=device_approval"),
            counted=counted,
            text=self.q,
            order=Order(self.sort),
            descending=self.direction == "desc",
        )


def invalid(name: str, message: str) -> RequestValidationError:
    """The fault of one parameter."""
    return RequestValidationError([{"loc": ("query", name), "msg": message, "type": "value_error"}])
