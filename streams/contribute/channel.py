"""The channel ecosystem: equipment makers and IT houses through which medical AI reaches hospitals."""

from __future__ import annotations

from collections.abc import Iterator

from events.base import EntityRef
from events.event import EventBase
from events.view.series import Contribution
from streams.contribute.series import series, year
from streams.enrich.register import register

PREFIX = "channel_"
"""Tags of the register that begin with this name a member of the ecosystem."""


def entities(event: EventBase) -> list[EntityRef]:
    """Every company and product that an event refers to, in any of its fields."""
    refs = [value for _, value in event if isinstance(value, EntityRef)]
    lists = [ref for _, value in event if isinstance(value, tuple) for ref in value if isinstance(ref, EntityRef)]
    return [*refs, *lists, *event.labels.entities]


def channel(event: EventBase) -> Iterator[Contribution]:
    """One event, under each tag of the companies that it refers to."""
    tags_of, ids = register().tags, {ref.id for ref in entities(event)}
    tags = sorted({tag.removeprefix(PREFIX) for one in ids for tag in tags_of(one) if tag.startswith(PREFIX)})
    if not tags:
        return
    yield series(event, "channel_events", {})
    for tag in tags:
        yield series(event, "channel_events", {"tag": tag})
    yield series(event, "channel_events", {"type": getattr(event, "type", "")})
    if when := year(event):
        yield series(event, "channel_events", {"year": when})
