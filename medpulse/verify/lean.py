"""Events as the metrics read them: `medpulse verify` holds every event of the topic in memory.

What no metric reads is left out, and what many events say alike (labels, companies, amounts) is held once.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, TypeVar

from events.base import EntityRef, Money
from events.event import EventBase
from events.labels import Labels

E = TypeVar("E", bound=EventBase)
_COMMON = frozenset({EntityRef, Money, tuple})
_UNREAD: dict[str, Any] = {
    **dict.fromkeys(("title", "url", "notice_id", "document_url", "raw_status", "acceptance_number"), ""),
    **dict.fromkeys(("published_at", "event_time_precision")),
    **dict.fromkeys(("sources", "readings", "not_found", "disagreeing"), ()),
}


def lean(event: E) -> E:
    """An event that says the same to every metric, and no longer what was said: not to be published."""
    said: dict[str, Any] = vars(event) | _unread(type(event))
    for name, one in said.items():
        if one and type(one) in _COMMON:
            said[name] = _shared(one)
    said["labels"] = _shared(Labels.trusted(**vars(event.labels) | {"evidence": (), "percentages": ()}))
    return type(event).trusted(**said)


@cache
def _unread(model: type[EventBase]) -> dict[str, Any]:
    return {name: blank for name, blank in _UNREAD.items() if name in model.model_fields}


@lru_cache(maxsize=1 << 17)
def _shared(value: Any) -> Any:
    """The first of equal values that was seen, of those that were seen last."""
    return value
