"""How the town misbehaves on request: bot walls, refusals, broken deliveries and pages that say something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import Enum, StrEnum

from simulator.markup import page
from simulator.web import Ask, Reply


class Fault(StrEnum):
    """What can go wrong. Every site has all of them but `REORDERED_COLUMNS` and `RUISHU_NOISE`."""

    WALL_412 = "wall_412"
    WALL_202 = "wall_202"
    WALL_200 = "wall_200"
    THROTTLED = "throttled"
    THROTTLED_UNTIL = "throttled_until"
    ERROR_500 = "error_500"
    UNAVAILABLE_503 = "unavailable_503"
    HANG = "hang"
    TRUNCATED = "truncated"
    SLOW = "slow"
    GB18030 = "gb18030"
    EMPTY_LIST = "empty_list"
    REORDERED_COLUMNS = "reordered_columns"
    MISSING_DATE = "missing_date"
    EDITED_ITEM = "edited_item"
    WITHDRAWN_ITEM = "withdrawn_item"
    RUISHU_NOISE = "ruishu_noise"


ITEM_FAULTS = frozenset({Fault.EDITED_ITEM, Fault.WITHDRAWN_ITEM})
CORRECTION = "（更正）"


class Manner(Enum):
    """How a reply is delivered."""

    WHOLE = "whole"
    HANG = "hang"
    CUT = "cut"
    DRIP = "drip"


MANNERS = {Fault.HANG: Manner.HANG, Fault.TRUNCATED: Manner.CUT, Fault.SLOW: Manner.DRIP}


@dataclass(frozen=True, slots=True)
class Quirks:
    """What a site's pages are to say differently. ``edited`` and ``withdrawn`` are item keys."""

    empty: bool = False
    reordered: bool = False
    undated: bool = False
    noisy: bool = False
    edited: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()

    def title(self, key: str, title: str) -> str:
        """The title of an item, with the mark of a correction where it was edited."""
        return title + CORRECTION if key in self.edited else title

    def listed(self, key: str) -> bool:
        """Whether a list still shows an item."""
        return not self.empty and key not in self.withdrawn


NONE = Quirks()


@dataclass(slots=True)
class Misbehaviour:
    """One fault of a host (``www.nmpa.gov.cn``) or of what begins with a URL; ``left`` None lasts until it is cleared."""

    target: str
    fault: Fault
    left: int | None
    item: str | None
    retry_after: int

    def applies(self, ask: Ask) -> bool:
        """Whether it meets this request. robots.txt is spared unless it is meant, so that a count is one of pages."""
        if self.left == 0 or (ask.path == "/robots.txt" and not self.target.endswith("/robots.txt")):
            return False
        if self.fault in ITEM_FAULTS:
            return ask.host == self.target.partition("/")[0]
        return f"{ask.host}{ask.path}?{'&'.join(map('='.join, ask.query))}".startswith(self.target)


def quirks(active: Iterable[Misbehaviour]) -> Quirks:
    """The faults that change what pages say, together."""
    made = NONE
    for one in active:
        keys = frozenset({one.item} if one.item else ())
        match one.fault:
            case Fault.EMPTY_LIST:
                made = replace(made, empty=True)
            case Fault.REORDERED_COLUMNS:
                made = replace(made, reordered=True)
            case Fault.MISSING_DATE:
                made = replace(made, undated=True)
            case Fault.RUISHU_NOISE:
                made = replace(made, noisy=True)
            case Fault.EDITED_ITEM:
                made = replace(made, edited=made.edited | keys)
            case Fault.WITHDRAWN_ITEM:
                made = replace(made, withdrawn=made.withdrawn | keys)
    return made


def refusal(one: Misbehaviour, ask: Ask, now: datetime) -> Reply | None:
    """The answer of a fault that does not let a page through; None for the other faults. ``now`` is aware."""
    match one.fault:
        case Fault.WALL_412:
            return Reply(page("wall.html"), status=412, headers=(("server", "******"),))
        case Fault.WALL_202:
            return Reply(page("wall.html"), status=202)
        case Fault.WALL_200:
            return Reply(page("c3vk.html" if ask.host == "www.bse.cn" else "wall.html"))
        case Fault.THROTTLED:
            return Reply(b"Too Many Requests", status=429, headers=(("retry-after", str(one.retry_after)),))
        case Fault.THROTTLED_UNTIL:
            until = format_datetime(now + timedelta(seconds=one.retry_after), usegmt=True)
            return Reply(b"Too Many Requests", status=429, headers=(("retry-after", until),))
        case Fault.ERROR_500:
            return Reply(b"Internal Server Error", status=500)
        case Fault.UNAVAILABLE_503:
            return Reply(b"Service Unavailable", status=503)
        case _:
            return None


def mangled(reply: Reply, fault: Fault) -> Reply:
    """The reply with its text in gb18030 under a header that still says UTF-8, if that is the fault."""
    if fault is not Fault.GB18030:
        return reply
    return replace(reply, body=reply.body.decode("utf-8").encode("gb18030"))
