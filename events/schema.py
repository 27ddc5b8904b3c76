"""The JSON Schemas (2020-12) of the messages, made from the models.

The schemas describe what is written: the models read a little more (a time with another offset than ``Z``, a number in
quotation marks), so whatever a schema accepts its model accepts too.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from events.base import EntityRef, Money
from events.event import EVENT, Event, EventSource, FigureGap, FigureReading
from events.labels import Evidence, Labels, Percentage
from events.messages import Alert, AlertSource, DeadLetter, Delivery, Metric, SourceHealth
from events.notice import ArchivePointer, Attachment, AttachmentPage, Notice, NoticeBatch
from events.wire import SCHEMA_VERSION

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = f"https://medpulse.invalid/schemas/v{SCHEMA_VERSION}/"

EVENT_TYPES: tuple[type[BaseModel], ...] = get_args(get_args(Event)[0])
_MODELS: tuple[type[BaseModel], ...] = (
    NoticeBatch,
    Notice,
    *EVENT_TYPES,
    Metric,
    Alert,
    Delivery,
    SourceHealth,
    DeadLetter,
)
MESSAGES: dict[str, type[BaseModel]] = {model.__name__: model for model in _MODELS}
"""Every model that travels, by name; the union `Event` is added by `schemas`."""

_PARTS: tuple[type[BaseModel], ...] = (
    Money,
    EntityRef,
    Labels,
    Evidence,
    Percentage,
    EventSource,
    Attachment,
    AttachmentPage,
    ArchivePointer,
    AlertSource,
    FigureReading,
    FigureGap,
)
PARTS: dict[str, type[BaseModel]] = {model.__name__: model for model in _PARTS}
"""The models inside them."""

DATE_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_BASE64URL = r"^[A-Za-z0-9_-]*={0,2}$"
_PUBLISHED: Json = {
    "if": {"properties": {"published_at": {"type": "string"}}, "required": ["published_at"]},
    "then": {"properties": {"published_precision": {"type": "string"}}, "required": ["published_precision"]},
    "else": {"properties": {"published_precision": {"type": "null"}}},
}
"""``published_at`` and ``published_precision`` are given together or not at all: the validator of `Notice`."""


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with patterns where 2020-12 validators take ``format`` for a mere annotation."""

    schema_dialect = DIALECT

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return {**super().datetime_schema(schema), "pattern": DATE_TIME}

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return {**super().date_schema(schema), "pattern": _DATE}

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:  # noqa: ARG002 - the base's signature
        return {"type": "string", "contentEncoding": "base64url", "pattern": _BASE64URL}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)  # OpenAPI's; each member's required constant ``type`` says the same
        return union

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base's signature
        return False


@cache
def texts() -> dict[str, dict[str, str]]:
    """Model name → field → its meaning, as written in ``events/descriptions.toml``."""
    return tomllib.loads(Path(__file__).with_name("descriptions.toml").read_text(encoding="utf-8"))


def meaning(model: type[BaseModel], field: str) -> str:
    """What a field means. Raises KeyError where nobody has said it."""
    for base in model.__mro__:
        if field in texts().get(base.__name__, {}):
            return texts()[base.__name__][field]
    raise KeyError(f"events/descriptions.toml has no text for {model.__name__}.{field}")


def schemas() -> dict[str, Json]:
    """Message name → its JSON Schema (2020-12), complete in itself, with the ``$id`` that ``ce_dataschema`` names."""
    made: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(model) for name, model in MESSAGES.items()}
    made["Event"] = EVENT
    return {name: _schema(name, adapter) for name, adapter in sorted(made.items())}


def _schema(name: str, adapter: TypeAdapter[Any]) -> Json:
    schema = adapter.json_schema(schema_generator=_Generator)
    for part, definition in [*schema.get("$defs", {}).items(), (name, schema)]:
        model = MESSAGES.get(part) or PARTS.get(part)
        if model is not None:
            _finish(model, definition)
    if name == "Event":
        schema["title"] = name
        schema["description"] = "What happened in the sector: one of its members, told apart by ``type``."
    return {"$schema": DIALECT, "$id": f"{BASE}{name}.json", **schema}


def _finish(model: type[BaseModel], definition: Json) -> None:
    """Add what pydantic cannot know: the meaning of each field, the rule of `Notice`, and that ``type`` is always there."""
    for field, rule in definition["properties"].items():
        rule["description"] = meaning(model, field)
    if "const" in definition["properties"].get("type", {}):
        definition["required"] = sorted({*definition.get("required", ()), "type"})
    if model is Notice:
        definition.update(_PUBLISHED)
