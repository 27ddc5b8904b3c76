"""Hypothesis strategies for every model, made from its fields: a new model or field is covered without another line."""

from __future__ import annotations

import types
from datetime import date, datetime, timedelta, timezone
from enum import EnumType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
ZONES = st.sampled_from([timezone(timedelta(hours=h)) for h in (-11, 0, 8)])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones are added
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    bytes: st.binary(max_size=12),
    date: DAYS,
    datetime: INSTANTS,
    AwareDatetime: INSTANTS,
    type(None): st.none(),
}


def messages(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Any valid instance of a model."""
    fields = {name: field(info.annotation, info.metadata) for name, info in model.model_fields.items()}
    return st.fixed_dictionaries(fields).map(_paired).map(model.model_validate)


def _paired(values: dict[str, Any]) -> dict[str, Any]:
    """A notice has a time and its precision, or neither."""
    pair = ("published_at", "published_precision")
    if "published_precision" in values and None in (values[pair[0]], values[pair[1]]):
        return {**values, **dict.fromkeys(pair)}
    return values


def field(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    """Any valid value of a field."""
    if annotation in SIMPLE and not any(hasattr(rule, "pattern") for rule in metadata):
        return SIMPLE[annotation]
    if annotation is str:
        return st.from_regex(next(rule.pattern for rule in metadata if hasattr(rule, "pattern")), fullmatch=True)
    if annotation is int:
        return _integers(metadata)
    if isinstance(annotation, EnumType):
        return st.sampled_from(list(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return messages(annotation)
    return _generic(get_origin(annotation), get_args(annotation))


def _integers(metadata: list[Any]) -> st.SearchStrategy[int]:
    low, high = -(2**63), 2**63 - 1
    for rule in metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", getattr(rule, "lt", high + 1) - 1)
    return st.integers(low, high)


def _generic(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is Annotated:
        rules = [r for a in arguments[1:] for r in (a.metadata if isinstance(a, FieldInfo) else [a])]
        return field(arguments[0], rules)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([field(argument, []) for argument in arguments])
    if origin is tuple:
        return st.lists(field(arguments[0], []), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, field(arguments[1], []), max_size=3)
    raise TypeError(f"no strategy for {origin}{arguments}")
