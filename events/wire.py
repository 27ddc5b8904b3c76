"""Messages as bytes: JSON in the value, CloudEvents 1.0 attributes in the headers (Kafka binding, binary mode).

Rule: CloudEvents 1.0, "Kafka Protocol Binding", section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import orjson
from pydantic import BaseModel, ValidationError

from events.event import EVENT, EventBase
from events.ids import digest
from events.messages import Alert, DeadLetter, Delivery, Metric, SourceHealth
from events.notice import Notice, NoticeBatch
from events.topics import (
    ALERTS,
    BATCH_BYTES,
    BATCH_NOTICES,
    DEAD_LETTERS,
    DELIVERIES,
    EVENTS,
    METRICS,
    NOTICES,
    SOURCE_HEALTH,
    Topic,
)
from events.tracing import HEADER, Trace, current, parse
from events.view.series import dim_key

SCHEMA_VERSION = "1"
Headers = list[tuple[str, bytes]]
TYPE_PREFIX = "org.medpulse."
M = TypeVar("M", bound=BaseModel)


class Unreadable(ValueError):
    """The bytes are not a message of the expected kind. The text names the field and the cause."""


class Record(NamedTuple):
    """One message ready for the broker."""

    topic: Topic
    key: bytes
    value: bytes
    headers: Headers


def encode(message: BaseModel, options: int = 0) -> bytes:
    """The message as JSON in UTF-8: what pydantic writes, to the byte, at a third of its price.

    Of the contract's models, which have no aliases and leave out no field, and whose times are held in UTC. What orjson does
    not know (bytes, integers beyond 64 bits) pydantic writes. ``options`` are further ones of orjson: ``OPT_NON_STR_KEYS`` for
    a model whose dictionaries have other keys than text, which would slow the others down.
    """
    try:
        return orjson.dumps(vars(message), vars, orjson.OPT_UTC_Z | options)
    except orjson.JSONEncodeError:
        return message.model_dump_json().encode()


def record(
    message: BaseModel, topic: Topic | None = None, trace: Trace | None = None, value: bytes | None = None
) -> Record:
    """The message on its topic, under its key, with its CloudEvents headers and the trace that it belongs to.

    ``topic`` is needed only for a `NoticeBatch`, which travels on two. The trace is ``trace``, the one that an alert or a
    delivery names, or the current one. ``value`` is the message as JSON where there is such. Raises TypeError for a model
    with no topic.
    """
    where, key, ident, source, when = _address(message)
    model = type(message)
    headers: Headers = [
        _VERSION,
        ("ce_id", ident.encode()),
        ("ce_source", _source((topic or where).name, source)),
        *_kind(getattr(message, "type", model.__name__), model.__name__),
    ]
    if when:
        headers.append(("ce_time", when.encode()))
    named = parse(getattr(message, HEADER)) if _names_a_trace(model) else None
    if found := trace or named or current():
        headers.append((HEADER, found.header.encode()))
    return Record(topic or where, key.encode(), encode(message) if value is None else value, headers)


@cache
def _names_a_trace(model: type[BaseModel]) -> bool:
    return HEADER in model.model_fields


_VERSION = ("ce_specversion", b"1.0")


@lru_cache(maxsize=4096)
def _source(topic: str, source: str) -> bytes:
    return f"/{topic}/{quote(source)}".encode()


@lru_cache(maxsize=256)
def _kind(name: str, model: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all messages of a type share."""
    return (
        ("ce_type", f"{TYPE_PREFIX}{name}".encode()),
        ("ce_dataschema", f"https://medpulse.invalid/schemas/v{SCHEMA_VERSION}/{model}.json".encode()),
        ("content-type", b"application/json"),
    )


def _address(message: BaseModel) -> tuple[Topic, str, str, str, str | None]:
    """Topic, key, CloudEvents id, source and time of a message."""
    match message:
        case EventBase():
            ident = f"{message.event_id}@{message.order}"
            return EVENTS, message.event_id, ident, message.source_id, message.detected_at.isoformat()
        case NoticeBatch():
            return NOTICES, message.source_id, message.batch_id, message.source_id, None
        case Metric():
            key = metric_key(message.name, message.dims)
            return METRICS, key, f"{key}@{message.event_id}={message.value}", "metrics", message.at.isoformat()
        case Alert():
            return ALERTS, message.alert_id, message.alert_id, message.rule_id, message.raised_at.isoformat()
        case Delivery():
            return DELIVERIES, message.alert_id, message.delivery_id, message.receiver, message.at.isoformat()
        case SourceHealth():
            ident = f"{message.source_id}@{message.at.isoformat()}"
            return SOURCE_HEALTH, message.source_id, ident, message.source_id, message.at.isoformat()
        case DeadLetter():
            ident = f"{message.topic}/{message.partition}/{message.offset}/{message.stage}"
            return DEAD_LETTERS, message.stage, ident, message.stage, message.at.isoformat()
        case _:
            raise TypeError(f"{type(message).__name__} has no topic of its own")


def metric_key(name: str, dims: dict[str, str]) -> str:
    """``name`` or ``name{dim=value,…}`` with the dimensions in order: the key of a series on its topic."""
    inner = dim_key(dims)
    return f"{name}{{{inner}}}" if inner else name


def decode(model: type[M], value: bytes | None) -> M:
    """The message in ``value``. Raises `Unreadable`."""
    try:
        return model.model_validate_json(value or b"")
    except ValidationError as error:
        raise Unreadable(_cause(error)) from error


def decode_event(value: bytes | None) -> EventBase:
    """The event in ``value``. Raises `Unreadable`, also for an event type that this version does not know."""
    try:
        return EVENT.validate_json(value or b"")
    except ValidationError as error:
        raise Unreadable(_cause(error)) from error


def _cause(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the message"
    more = error.error_count() - 1
    return f"{where}: {first['msg']}" + (f" (and {more} more)" if more else "")


def batches(source_id: str, batch_id: str, notices: Sequence[Notice]) -> Iterator[NoticeBatch]:
    """The notices of one poll in envelopes, each bounded by `BATCH_NOTICES` and `BATCH_BYTES` (one notice may exceed it)."""
    for part, some in enumerate(_bounded([len(encode(notice)) for notice in notices])):
        yield NoticeBatch(batch_id=f"{batch_id}.{part}", source_id=source_id, notices=tuple(notices[some]))


def batch_records(
    source_id: str, batch_id: str, notices: Sequence[Notice], raws: Sequence[bytes], topic: Topic, trace: Trace | None
) -> Iterator[tuple[NoticeBatch, Record]]:
    """The `batches` with their records, of notices that were encoded already: ``raws``."""
    for part, some in enumerate(_bounded([len(raw) for raw in raws])):
        batch = NoticeBatch(batch_id=f"{batch_id}.{part}", source_id=source_id, notices=tuple(notices[some]))
        head = encode(batch.model_copy(update={"notices": ()})).removesuffix(b"]}")
        yield batch, record(batch, topic, trace, head + b",".join(raws[some]) + b"]}")


def _bounded(sizes: Sequence[int]) -> Iterator[slice]:
    """The places of notices of these sizes, envelope by envelope. Pure."""
    start = size = 0
    for at, one in enumerate(sizes):
        if at > start and (at - start >= BATCH_NOTICES or size + one + 1 > BATCH_BYTES):
            yield slice(start, at)
            start, size = at, 0
        size += one + 1
    if sizes:
        yield slice(start, len(sizes))


def envelopes(source_id: str, notices: Sequence[Notice]) -> list[Record]:
    """The notices of one page as records of `NOTICES`: what is said again has the id that it had before."""
    said = sorted(f"{notice.item_key}\n{notice.content_hash}" for notice in notices)
    return [record(batch) for batch in batches(source_id, digest(source_id, *said)[:32], notices)]
