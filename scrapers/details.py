"""The pages that items have of their own: fetched politely, joined to their rows, and tried again where they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from events.messages import Outcome
from events.notice import Notice
from scrapers.answer import Fetched
from scrapers.letters import Letters
from scrapers.merge import merged, own_notice, placed
from scrapers.outcome import HOST_IN_TROUBLE, Verdict, lacks, page_fault
from scrapers.page import Parsed, ParseError, Request
from scrapers.reading import Reader, Reading
from scrapers.recent import OwnPage
from scrapers.round import Round
from scrapers.seen import Seen
from scrapers.source import Source


class Details:
    """Completes rows. An item whose page fails is not lost: its row stays unseen, and the next poll tries again."""

    def __init__(self, reader: Reader, seen: Seen, letters: Letters) -> None:
        self._reader = reader
        self._seen = seen
        self._letters = letters

    async def completed(self, at: Round, rows: Sequence[Notice], requests: Mapping[str, Request]) -> list[Notice]:
        """The rows that are ready to be published, in their order: those without a page of their own, and those joined to it.

        Items that failed before come last, so that they cannot keep the others from their turn.
        """
        own = [row for row in rows if row.item_key in requests]
        tries = await self._seen.tries(at.source.id, [row.item_key for row in own])
        ready = {row.item_key: row for row in rows if row.item_key not in requests}
        for row in sorted(own, key=lambda row: tries.get(row.item_key, 0)):
            if at.stopped or at.details_asked >= at.limits.details:
                break
            at.details_asked += 1
            done = await self._one(at, row, requests[row.item_key], tries.get(row.item_key, 0))
            if done is not None:
                ready[row.item_key] = done
        return [ready[row.item_key] for row in rows if row.item_key in ready]

    async def _one(self, at: Round, row: Notice, request: Request, failed_before: int) -> Notice | None:
        """The row joined to its page; the row alone once its page has failed for good; None to try again."""
        reading = await self._reader.read(at.source, request)
        found = joined(at.source, row, reading)
        if isinstance(found, Notice):
            assert isinstance(reading.answer, Fetched)
            read = OwnPage(request=request, validators=reading.answer.validators, digest=reading.digest)
            at.own[row.item_key] = read
            return found
        at.letters.extend(self._letters.unreadable(at.source, reading, found))
        if found.outcome in HOST_IN_TROUBLE:
            at.stopped = True
        elif failed_before + 1 >= at.limits.give_up:
            return row
        else:
            await self._seen.tried(at.source.id, [row.item_key])
        at.problems.append(found)
        return None


def joined(source: Source, row: Notice, reading: Reading) -> Notice | Verdict:
    """The row and its own page as one notice; the verdict on a page that could not be read, or does not say enough."""
    fault = page_fault(reading.answer, reading.read, reading.retry_after)
    if fault is not None:
        return fault
    assert isinstance(reading.answer, Fetched)
    assert isinstance(reading.read, Parsed)
    try:
        whole = placed(merged(row, own_notice(row, reading.read)), reading.pointer, reading.answer.illustrative)
    except ParseError as error:
        return Verdict(Outcome.DRIFTED, str(error), reading.answer.status)
    missing = lacks(source, whole)
    return Verdict(Outcome.DRIFTED, missing, reading.answer.status) if missing else whole
