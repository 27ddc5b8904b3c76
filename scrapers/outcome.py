"""What an answer makes of a poll: one of the nine outcomes and a sentence for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from events.messages import Outcome
from events.notice import Notice
from scrapers.answer import Fetched, FetchError
from scrapers.page import Challenged, Malformed, Parsed, ParseError
from scrapers.source import Source

_WALLS = frozenset({412, 521})
"""Statuses that only bot walls use here: Ruishu answers 412, Jiasule 521 (SITES.md, A.1 and A.4)."""

_OWN = frozenset(Notice.model_fields)
_UNREAD = frozenset({304, 408, 429})
HOST_IN_TROUBLE = frozenset({Outcome.OUTAGE, Outcome.THROTTLED, Outcome.CHALLENGED})
"""Outcomes after which asking the same host for more in the same poll is useless or rude."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the reason for it. ``retry_after`` is seconds that the site asked for."""

    outcome: Outcome
    detail: str
    http_status: int | None = None
    retry_after: float | None = None


def worth_parsing(answer: Fetched) -> bool:
    """Whether the body may say something: content, or the mark of a bot wall under a status that does not tell."""
    return answer.status not in _UNREAD and not (answer.status >= 500 and answer.status not in _WALLS)


def fault(
    source: Source, answer: Fetched | FetchError, read: Parsed | ParseError | None, retry_after: float | None = None
) -> Verdict | None:
    """What is wrong with an answer to the request for a list; None where it was read as it should be.

    ``read`` is None where the body was not parsed. A list without items is a fault only where the source is never empty.
    """
    found = page_fault(answer, read, retry_after)
    if found is None and isinstance(answer, Fetched) and isinstance(read, Parsed):
        return _list_fault(source, read.notices, answer)
    return found


def page_fault(
    answer: Fetched | FetchError, read: Parsed | ParseError | None, retry_after: float | None = None
) -> Verdict | None:
    """What is wrong with an answer, whatever page it is of; None where it was read."""
    if isinstance(answer, FetchError):
        return Verdict(answer.outcome, str(answer), retry_after=answer.retry_after)
    status = answer.status
    if isinstance(read, Challenged) or status in _WALLS:
        wall = str(read) if isinstance(read, Challenged) else f"the site answered {status}, as bot walls do"
        return Verdict(Outcome.CHALLENGED, wall, status, retry_after)
    if status == 404 and isinstance(read, Parsed) and read.nothing:
        return None
    if (by_status := _by_status(status)) is not None:
        return Verdict(by_status, f"the site answered {status}", status, retry_after)
    match read:
        case Malformed():
            return Verdict(Outcome.MALFORMED, str(read), status)
        case ParseError():
            return Verdict(Outcome.DRIFTED, str(read), status)
        case _:
            return None


def _by_status(status: int) -> Outcome | None:
    """The outcome of a status that brings no page. 2xx and 304 bring one; a 3xx here is a redirect that names no target."""
    if status == 429:
        return Outcome.THROTTLED
    if status >= 500 or status == 408:
        return Outcome.OUTAGE
    if status >= 400:
        return Outcome.REFUSED
    return Outcome.DRIFTED if status >= 300 and status != 304 else None


def _list_fault(source: Source, notices: Sequence[Notice], answer: Fetched) -> Verdict | None:
    status = answer.status
    if not notices:
        empty = "the list has no items, and this source is never empty"
        return Verdict(Outcome.DRIFTED, empty, status) if not source.may_be_empty(answer.url) else None
    if source.details:
        return None
    for name in source.required:
        lacking = sum(not has(notice, name) for notice in notices)
        if lacking * 2 > len(notices):
            return Verdict(Outcome.DRIFTED, f"{lacking} of {len(notices)} items have no {name}", status)
    return None


def has(notice: Notice, name: str) -> bool:
    """Whether a notice states what ``name`` means: a field of its own, one of ``fields``, or a column of ``rows``."""
    if name in _OWN:
        return bool(getattr(notice, name))
    return bool(notice.fields.get(name)) or any(row.get(name) for row in notice.rows)


def lacks(source: Source, notice: Notice) -> str | None:
    """The sentence for an item without something that its source requires; None for a complete one."""
    missing = [name for name in source.required if not has(notice, name)]
    return f"{notice.item_key} has no {', '.join(missing)}" if missing else None


def conclude(faults: Sequence[Verdict], problems: Sequence[Verdict], items_seen: int | None, items_new: int) -> Verdict:
    """The one outcome of a poll, from the faults of its lists, the problems of its items, and what it saw.

    A list that could not be read outweighs news from another: a dead column must not hide behind a living one. An item whose
    own page could not be read outweighs only the absence of news. ``items_seen`` is None where no list had changed.
    """
    if faults:
        return faults[0]
    pending = f"; {len(problems)} not yet: {problems[0].detail}" if problems else ""
    if items_new:
        among = f"{items_new} of {items_seen}" if items_seen is not None else str(items_new)
        return Verdict(Outcome.NEW, f"{among} items are new or changed{pending}", 200)
    if problems:
        first = problems[0]
        return Verdict(first.outcome, f"no item could be completed{pending}", first.http_status, first.retry_after)
    if items_seen is None:
        return Verdict(Outcome.UNCHANGED, "the page is the same as last time")
    if items_seen == 0:
        return Verdict(Outcome.EMPTY, "the list is well formed and has no items", 200)
    return Verdict(Outcome.UNCHANGED, f"none of {items_seen} items is new", 200)
