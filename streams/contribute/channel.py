"""The channel ecosystem: equipment makers and IT houses through which medical AI reaches hospitals."""

from __future__ import annotations

from functools import cache, lru_cache

from events.base import EntityRef
from events.event import EventBase
from events.view.series import Contribution
from streams.contribute.series import count, series, year
from streams.enrich import files
from streams.enrich.register import register

PREFIX = "channel_"
"""Tags of the register that begin with this name a member of the ecosystem."""


def entities(event: EventBase) -> list[EntityRef]:
    """Every company and product that an event refers to, in any of its fields."""
    refs: list[EntityRef] = []
    lists: list[EntityRef] = []
    for name in _fields(type(event)):
        value = getattr(event, name)
        if isinstance(value, EntityRef):
            refs.append(value)
        elif isinstance(value, tuple):
            lists += [ref for ref in value if isinstance(ref, EntityRef)]
    return [*refs, *lists, *event.labels.entities]


@cache
def _fields(model: type[EventBase]) -> tuple[str, ...]:
    """The fields of a type of event that can hold an entity, or several: few of its thirty."""
    return tuple(name for name, field in model.model_fields.items() if "EntityRef" in repr(field.annotation))


@lru_cache(maxsize=8192)
def _tags(company_id: str) -> tuple[str, ...]:
    return tuple(tag.removeprefix(PREFIX) for tag in register().tags(company_id) if tag.startswith(PREFIX))


files.forgets(_tags.cache_clear)


def channel(event: EventBase) -> list[Contribution]:
    """One event, under each tag of the companies that it refers to."""
    tags = sorted({tag for ref in entities(event) for tag in _tags(ref.id)})
    if not tags:
        return []
    by_tag = [series(event, "channel_events", "tag", tag) for tag in tags]
    return [*count(event, "channel_events", type=getattr(event, "type", ""), year=year(event)), *by_tag]
