"""An event taken apart for the index: the columns that lists are sorted by, the tags that they are filtered by. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from board.dictionary import WORDS
from board.index.words import tokens
from events.clock import shanghai_day
from events.scenarios import SCENARIOS
from events.view.bodies import unpack
from events.view.series import SEPARATOR, UNDATED

COLUMNS = (
    *("id", "type", "score", "day", "seen", "title", "source", "company", "company_name", "product", "product_name"),
    *("province", "number", "stage", "project", "sector", "modality", "closes", "tags"),
)
_COMPANY = ("registrant", "applicant", "company")
_NUMBER = ("certificate_number", "number", "stock_code", "project_id", "item_code")
_CLOSES = ("comments_close", "window_end")
_SAID = ("product_name", "item_name", "category", "round", "document_url", "raw_status", "exchange", "register_name")
_PLAIN = ("province", "stage", "exchange", "register_name", "change", "route", "origin", "stock_code", "project_id")


@dataclass(frozen=True, slots=True)
class Row:
    """One event: its columns in the order of `COLUMNS`, its tags with their days, and its words."""

    columns: tuple[Any, ...]
    tags: tuple[tuple[int, str], ...]
    words: str
    names: tuple[tuple[str, str, str], ...]
    """(Entity id, name, ``company`` or ``product``)."""

    @property
    def id(self) -> str:
        return str(self.columns[0])


@lru_cache(maxsize=65_536)
def tag(name: str) -> int:
    """The number by which the index knows a tag: 63 bits of a digest of its name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


def series(metric: str, dims: str = "") -> str:
    """The tag of the events that a series is made of."""
    return f"series={metric}:{dims}"


def row(body: bytes, applied: bytes | None) -> Row:
    """An event (`events.view.bodies`) and what it contributed (the value of `layout.applied`).

    Raises ValueError, KeyError for other JSON.
    """
    event: dict[str, Any] = orjson.loads(unpack(body))
    at = _instant(event.get("event_time") or event["detected_at"])
    day, labels = shanghai_day(at).isoformat(), event.get("labels", {})
    company = next((event[name] for name in _COMPANY if event.get(name)), None) or {}
    product = event.get("product") or {}
    names = tuple(_names(event))
    tags = [(tag(name), day) for name in (*_tags(event, labels), *(f"entity={entity}" for entity, _, _ in names))]
    tags += [(tag(series(metric, dims)), _day(field)) for metric, dims, field, _ in _contributions(applied)]
    kept = tuple(dict.fromkeys(tags))
    columns = (
        event["event_id"],
        event["type"],
        at.timestamp(),
        day,
        _instant(event["detected_at"]).timestamp(),
        event["title"],
        event["source_id"],
        company.get("id", ""),
        company.get("name", ""),
        product.get("id", ""),
        product.get("name") or event.get("product_name") or event.get("item_name") or "",
        event.get("province") or "",
        next((str(event[name]) for name in _NUMBER if event.get(name)), ""),
        str(event.get("stage") or ""),
        f"{event['exchange']}/{event['project_id']}" if event.get("project_id") else "",
        labels.get("sector", ""),
        labels.get("modality", ""),
        next((event[name] for name in _CLOSES if event.get(name)), ""),
        orjson.dumps(kept),
    )
    texts = (*_texts(event, labels), *(name for _, name, _ in names))
    return Row(columns, kept, tokens(" \n".join(dict.fromkeys(texts))), names)


def _tags(event: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[str]:
    yield f"type={event['type']}"
    yield f"source={event['source_id']}"
    for name in _PLAIN:
        if event.get(name):
            yield f"{name}={event[name]}"
    if event.get("device_class"):
        yield f"device_class={event['device_class']}"
    for name in ("sector", "modality"):
        if labels.get(name):
            yield f"{name}={labels[name]}"
    for name in ("scenario", "algorithm"):
        yield from (f"{name}={value}" for value in labels.get(name, ()))
    for name in ("is_ai", "ai_relevant"):
        if labels.get(name):
            yield f"{name}=true"
    if event.get("comments_close") or event.get("window_end"):
        yield "deadline=true"
    for name in ("company", "registrant", "applicant"):
        if event.get(name):
            yield f"company={event[name]['id']}"
    if event.get("product"):
        yield f"product={event['product']['id']}"


def _names(event: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, value in event.items():
        kind = "product" if name.startswith("product") else "company"
        if isinstance(value, dict) and "id" in value and "name" in value:
            yield value["id"], value["name"], kind
        elif isinstance(value, list):
            yield from ((ref["id"], ref["name"], kind) for ref in value if isinstance(ref, dict) and "id" in ref)
    for ref in event.get("labels", {}).get("entities", ()):
        yield ref["id"], ref["name"], ""


def _texts(event: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[str]:
    yield event["title"]
    yield from (str(event[name]) for name in (*_NUMBER, *_SAID) if event.get(name))
    yield from WORDS.get(f"event.{event['type']}", ())
    yield from WORDS.get(f"province.{event.get('province')}", ())
    yield from WORDS.get(f"modality.{labels.get('modality')}", ())
    yield from WORDS.get(f"sector.{labels.get('sector')}", ())
    for scenario in labels.get("scenario", ()):
        yield from SCENARIOS.get(scenario, (scenario,))


def _contributions(applied: bytes | None) -> list[tuple[str, str, str, str]]:
    """(Metric, dim key, field, amount) by which the event counts; none where nothing is remembered of it."""
    return orjson.loads(applied.partition(b"\n")[2]) if applied else []


def _day(field: str) -> str:
    """The day of a contribution; an undated one is before every day."""
    day = field.partition(SEPARATOR)[0]
    return "" if day == UNDATED else day


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
