"""Each message has examples that pass and examples that fail, and model and schema agree about every one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from events.event import EVENT
from events.publish import ROOT
from events.schema import MESSAGES, schemas

FOLDER = ROOT / "events" / "examples"
EXAMPLES = sorted(FOLDER.glob("*/*.json"))
PASSING = [path for path in EXAMPLES if path.name.startswith("pass-")]
FAILING = [path for path in EXAMPLES if path.name.startswith("fail-")]
SCHEMAS = schemas()
BEYOND_SCHEMA = {
    "Guidance/fail-day-not-in-the-calendar": "a pattern knows no calendar, and `format` is an annotation in 2020-12",
}
"""Failing examples that the schema cannot refuse, each with the reason."""


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def adapter(path: Path) -> TypeAdapter[Any]:
    name = path.parent.name
    return EVENT if name == "Event" else TypeAdapter(MESSAGES[name])


def validator(path: Path) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[path.parent.name])


def test_every_example_is_of_a_message_and_says_pass_or_fail() -> None:
    assert {path.parent.name for path in EXAMPLES} == set(SCHEMAS)
    assert len(PASSING) + len(FAILING) == len(EXAMPLES)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_message_has_two_passing_and_three_failing_examples(name: str) -> None:
    assert sum(path.parent.name == name for path in PASSING) >= 2
    assert sum(path.parent.name == name for path in FAILING) >= 3


@pytest.mark.parametrize("path", PASSING, ids=named)
def test_a_passing_example_satisfies_model_and_schema(path: Path) -> None:
    message = adapter(path).validate_json(path.read_bytes())
    assert not list(validator(path).iter_errors(orjson.loads(path.read_bytes())))
    assert not list(validator(path).iter_errors(orjson.loads(adapter(path).dump_json(message))))


@pytest.mark.parametrize("path", FAILING, ids=named)
def test_a_failing_example_is_refused_by_the_model(path: Path) -> None:
    with pytest.raises(ValidationError):
        adapter(path).validate_json(path.read_bytes())


@pytest.mark.parametrize("path", FAILING, ids=named)
def test_a_failing_example_is_refused_by_the_schema(path: Path) -> None:
    refused = bool(list(validator(path).iter_errors(orjson.loads(path.read_bytes()))))
    assert refused is (named(path) not in BEYOND_SCHEMA)


@pytest.mark.parametrize("path", FAILING, ids=named)
def test_a_failing_example_fails_for_one_cause(path: Path) -> None:
    """One fault an example: with two, it would go on failing after the rule it is there for was lost."""
    try:
        adapter(path).validate_json(path.read_bytes())
    except ValidationError as error:
        causes = {".".join(map(str, cause["loc"])) for cause in error.errors()}
        assert len(causes) == 1 or path.stem == "fail-fields-of-another-type", causes
