"""Metric rules: a milestone, a threshold, a change over a window, a departure from its own history, a rank."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.configuration import Strict
from alerts.rules.base import VALUES, RuleBase
from events.messages import Metric
from events.view.catalog import METRICS, check_dim, metric

METRIC_VALUES = VALUES | {
    "subject": (),
    "names": (),
    "meaning": (),
    "meaning_zh": (),
    "milestone": (),
    "limit": (),
    "change": (),
    "days": (),
    "score": (),
    "rank": (),
    "rank_before": (),
}
KINDS = ("milestones", "above", "below", "change", "zscore", "rank")
Days = Annotated[int, Field(ge=1, le=1000)]


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    return name


class Change(Strict):
    """The series rose by at least ``by``, or by ``percent`` of what it was, within ``days``; a negative one: it fell."""

    days: Days
    by: int | None = None
    percent: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.by is None) == (self.percent is None) or 0 in (self.by, self.percent):
            raise ValueError("give exactly one of `by` (a number) and `percent`, other than 0")
        return self


class ZScore(Strict):
    """What was added on the last day departs from what is added on a day by more than ``above`` standard deviations.

    The history is that of the ``days`` before; with fewer than ``least`` days on which something was added, nothing is said.
    """

    above: Annotated[float, Field(gt=0)] = 3.0
    days: Annotated[int, Field(ge=7, le=1000)] = 90
    least: Annotated[int, Field(ge=2)] = 5


class Rank(Strict):
    """A member of the dimension came into the first ``top``, or rose among them."""

    top: Annotated[int, Field(ge=1, le=100)]


class MetricRule(RuleBase):
    """One series, or each of several: ``dims`` names every dimension of the series; values are globs.

    Exactly one of: ``milestones``, each told once when it is passed upwards; ``above`` and ``below``, told while the value is
    beyond; ``change``; ``zscore``; ``rank``.
    """

    on: Literal["metric"]
    metric: Annotated[str, AfterValidator(_metric)]
    dims: dict[str, str] = Field(default_factory=dict)
    milestones: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] | None = None
    above: int | None = None
    below: int | None = None
    change: Change | None = None
    zscore: ZScore | None = None
    rank: Rank | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for dim in self.dims:
            try:
                check_dim(metric(self.metric), dim)
            except LookupError as error:
                raise ValueError(str(error)) from error
        if self.kind in {"milestones", "rank"}:
            self.happens_once()
        if self.rank is not None and len(self.dims) != 1:
            raise ValueError("`rank` needs exactly one dimension in `dims`: that whose values are ranked")
        self.check_templates(METRIC_VALUES | {"metric": tuple(Metric.model_fields)})
        return self

    @property
    def kind(self) -> str:
        """The one of `KINDS` that is given. Raises ValueError."""
        given = [name for name in KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(f'`{name}`' for name in KINDS)}")
        return given[0]
