"""The published files equal the models, and a change to the models only adds."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from events.asyncapi import carried
from events.event import EventBase
from events.notice import Notice
from events.publish import asyncapi, differences, files, schemas, write
from events.schema import MESSAGES, PARTS, meaning, texts
from events.topics import TOPICS
from tests.events.shape import FROZEN, broken, shape

SCHEMAS = schemas()


def test_the_files_in_the_tree_are_as_the_models_say() -> None:
    assert differences() == [], "run `medpulse schemas`"


def test_the_same_models_give_the_same_files() -> None:
    assert files() == files()
    assert all(text.endswith("\n") and not text.endswith("\n\n") for text in files().values())


def test_differences_names_a_changed_a_missing_and_a_stale_file(tmp_path: Path) -> None:
    write(tmp_path)
    assert differences(tmp_path) == []
    (tmp_path / "events/schemas/Notice.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / "events/asyncapi.yaml").unlink()
    (tmp_path / "events/schemas/Rumour.json").write_text("{}\n", encoding="utf-8")
    assert differences(tmp_path) == [
        "events/asyncapi.yaml: is missing",
        "events/schemas/Notice.json: differs from the models",
        "events/schemas/Rumour.json: no model makes it",
    ]
    write(tmp_path)
    assert differences(tmp_path) == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_schema_is_a_valid_2020_12_schema(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/v1/{name}.json")
    assert schema["title"] == name


def test_every_topic_has_a_channel_and_every_channel_a_topic() -> None:
    channels = asyncapi()["channels"]
    assert {c["address"]: c["bindings"]["kafka"]["partitions"] for c in channels.values()} == {
        t.name: t.partitions for t in TOPICS
    }
    for topic in TOPICS:
        channel = next(c for c in channels.values() if c["address"] == topic.name)
        assert channel["messages"].keys() == {model.__name__ for model in carried(topic)}
        settings = channel["bindings"]["kafka"]["topicConfiguration"]
        assert {key: str(v[0] if isinstance(v, list) else v) for key, v in settings.items()} == topic.configs


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    made = files()
    document = yaml.safe_load(made["events/asyncapi.yaml"])
    found = references(document)
    assert len(found) > len(TOPICS)
    for reference in found:
        if not reference.startswith("#/"):
            assert f"events/{reference}" in made
            continue
        node = document
        for step in reference[2:].split("/"):
            node = node[step]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_change_only_adds(name: str) -> None:
    frozen = json.loads((FROZEN / f"{name}.json").read_text(encoding="utf-8"))
    assert broken(frozen, shape(SCHEMAS[name])) == []


def test_no_frozen_message_is_gone() -> None:
    assert {path.stem for path in FROZEN.glob("*.json")} <= SCHEMAS.keys()


def changed(path: str, **rule: Any) -> list[str]:
    """What the check says of `PriceItem` where ``path`` is changed (or, with no rule, removed)."""
    now = shape(SCHEMAS["PriceItem"])
    after = copy.deepcopy(now)
    if rule:
        after[path] = {**after.get(path, {}), **rule}
    else:
        del after[path]
    return broken(now, after)


def test_the_check_sees_each_kind_of_break() -> None:
    assert changed("item_name") == ["item_name: is gone"]
    assert changed("price.minor", type="number") == ["price.minor: type was integer, is number"]
    assert changed("item_code", needed=True) == ["item_code: needed was False, is True"]
    assert changed("item_name", needed=False) == ["item_name: needed was True, is False"]
    assert changed("labels.kind", values=["price"])[0] == "labels.kind: no longer takes approval"
    assert changed("province", values=["CN"]) == ["province: takes only some values now"]
    assert changed("price.currency", limits={}) == ["price.currency: limits was {'pattern': '^[A-Z]{3}$'}, is {}"]
    assert changed("added", type="string", needed=True) == ["added: is new and needed"]


def test_the_check_lets_additions_pass() -> None:
    assert changed("added", type="string", needed=False) == []
    kinds = shape(SCHEMAS["PriceItem"])["labels.kind"]["values"]
    assert changed("labels.kind", values=[*kinds, "tender"]) == []


def test_every_field_has_a_text_and_every_text_a_field() -> None:
    models: dict[str, type[BaseModel]] = {**MESSAGES, **PARTS, "EventBase": EventBase}
    for model in models.values():
        assert all(meaning(model, field) for field in model.model_fields)
    for name, fields in texts().items():
        if name != "notice_fields":
            assert fields.keys() - {"type"} <= models[name].model_fields.keys()


def test_a_field_without_a_text_is_named() -> None:
    with pytest.raises(KeyError, match=r"Notice\.nonsense"):
        meaning(Notice, "nonsense")
