"""The AsyncAPI 3.0.0 document: a channel for each topic, its messages with their headers, and the operations."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from events.notice import NoticeBatch
from events.schema import BASE, DATE_TIME, EVENT_TYPES, MESSAGES, Json
from events.topics import TOPICS, Topic
from events.wire import SCHEMA_VERSION, TYPE_PREFIX


def carried(topic: Topic) -> tuple[type[BaseModel], ...]:
    """The models of the messages on a topic: eleven for the events, one for each other."""
    return EVENT_TYPES if topic.model == "Event" else (MESSAGES[topic.model],)


def asyncapi() -> Json:
    """The AsyncAPI 3.0.0 document: a channel for each topic of `events.topics`, its messages and operations."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "medpulse",
            "version": SCHEMA_VERSION,
            "description": "What medpulse writes to Kafka. A change only adds: fields, event types, topics.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_name(topic): _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {model.__name__: _message(model, topic) for topic in TOPICS for model in carried(topic)}
        },
    }


def _name(topic: Topic) -> str:
    return "".join(part.capitalize() for part in topic.name.replace("-", ".").split("."))


def _channel(topic: Topic) -> Json:
    settings: Json = {"cleanup.policy": [topic.cleanup], "max.message.bytes": int(topic.configs["max.message.bytes"])}
    if topic.retention_ms is not None:
        settings["retention.ms"] = topic.retention_ms
    audience = "public" if topic.public else "internal"
    return {
        "address": topic.name,
        "summary": topic.meaning,
        "description": f"Keyed by {topic.key}.",
        "tags": [{"name": audience}],
        "messages": {m.__name__: {"$ref": f"#/components/messages/{m.__name__}"} for m in carried(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": settings,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(model: type[BaseModel], topic: Topic) -> Json:
    return {
        "name": type_name(model),
        "title": model.__name__,
        "contentType": "application/json",
        "headers": headers(model),
        # A plain reference and no `schemaFormat`: parsers know only draft-07 by name, and these keywords are in both.
        "payload": {"$ref": f"schemas/{model.__name__}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}},
    }


def type_name(model: type[BaseModel]) -> str:
    """The CloudEvents type of a model's messages: the tag of an event, the name of any other model."""
    tag = model.model_fields.get("type")
    return f"{TYPE_PREFIX}{model.__name__ if tag is None else tag.default}"


def headers(model: type[BaseModel]) -> Json:
    """The schema of a message's headers: CloudEvents 1.0, Kafka binding, binary mode; and W3C Trace Context."""
    text: Json = {"type": "string", "minLength": 1}
    properties: Json = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": text,
        "ce_source": {**text, "format": "uri-reference"},
        "ce_type": {"type": "string", "const": type_name(model)},
        "ce_dataschema": {"type": "string", "const": f"{BASE}{model.__name__}.json"},
        "ce_time": {"type": "string", "format": "date-time", "pattern": DATE_TIME},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    }
    optional = {"traceparent", "ce_time"} if model is NoticeBatch else {"traceparent"}
    return {"type": "object", "properties": properties, "required": sorted(properties.keys() - optional)}


def _operations() -> Iterator[tuple[str, Json]]:
    for topic in TOPICS:
        for action in ("send",) if topic.public else ("send", "receive"):
            yield (
                f"{action}{_name(topic)}",
                {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{_name(topic)}"},
                    "summary": topic.meaning,
                },
            )
