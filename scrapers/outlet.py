"""What leaves a poll: notices published, and only then remembered as seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from events.notice import Notice
from events.wire import Record, envelopes
from scrapers.letters import Letters, fits
from scrapers.pace import Pace
from scrapers.page import Request
from scrapers.recent import Kept, OwnPage, Recent, newest, pack, said_by
from scrapers.round import Round
from scrapers.seen import Seen

Publish = Callable[[Sequence[Record]], Awaitable[None]]
"""Sends messages and returns once the broker has acknowledged all of them; raises where it has not."""


class Outlet:
    """Publishes the notices of polls, and remembers what was published lately."""

    def __init__(self, seen: Seen, letters: Letters, publish: Publish, pace: Pace) -> None:
        self._seen = seen
        self._letters = letters
        self._send = publish
        self._pace = pace

    def now(self) -> datetime:
        """The present instant of the clock, aware, in UTC."""
        return self._pace.now()

    async def publish(self, at: Round, ready: Sequence[Notice], hashes: Mapping[str, str]) -> None:
        """Send notices. Only what the broker has acknowledged is marked as seen, by the hash of its row.

        Where the older pages begin is remembered before that: once the news is marked, nothing else would lead there.
        """
        if not ready:
            return
        made = envelopes(at.source.id, ready)
        at.letters.extend(self._letters.too_large(at.source, one) for one in made if not fits(one))
        await self._send([one for one in made if fits(one)])
        await self._seen.remember(at.source.id, at.memory)
        await self._seen.mark(at.source.id, {notice.item_key: hashes[notice.item_key] for notice in ready})
        at.published.extend(ready)

    async def publish_rows(
        self, at: Round, ready: Sequence[Notice], rows: Sequence[Notice], requests: Mapping[str, Request]
    ) -> None:
        """Publish what came of the rows of a list, and watch these items from now on."""
        of = {row.item_key: row for row in rows}
        hashes = {key: row.content_hash for key, row in of.items()}
        owns = {key: at.own.get(key) or OwnPage(request=request) for key, request in requests.items()}
        packed: dict[str, bytes] = {}
        watched: dict[str, Recent] = {}
        for notice in ready if at.limits.recent else ():
            key, own = notice.item_key, owns.get(notice.item_key)
            watched[key] = self.noted(at, notice, hashes[key], own)
            packed[key] = pack(Kept(notice=notice, row=of[key] if own else None))
        await self.publish_watched(at, ready, hashes, watched, packed)

    def noted(self, at: Round, notice: Notice, row: str, own: OwnPage | None) -> Recent:
        """What to remember of an item that is being published."""
        now, before, said = self.now(), at.memory.recent.get(notice.item_key), said_by(notice)
        changes = before.changes if before else ()
        if before and (before.said != said or before.withdrawn != notice.retracted):
            changes = at.limits.flapping.changed(changes, now)
        return Recent(
            row=row,
            said=said,
            since=before.since if before else now,
            published_at=notice.published_at,
            own=own,
            checked=now,
            missing=notice.retracted and bool(before and before.missing),
            dead=notice.retracted and bool(before and before.dead),
            withdrawn=notice.retracted,
            changes=changes,
        )

    async def publish_watched(
        self,
        at: Round,
        ready: Sequence[Notice],
        hashes: Mapping[str, str],
        watched: Mapping[str, Recent],
        packed: Mapping[str, bytes],
    ) -> None:
        """Publish notices, and remember what is now known of their items: ``watched``, with the notices ``packed``."""
        if not (ready or watched):
            return
        before = at.memory.recent
        kept = newest({**before, **watched}, at.limits.recent)
        if new := {key: value for key, value in packed.items() if key in kept}:
            await self._seen.keep(at.source.id, new, ())
        at.recall(recent=kept)
        try:
            await self.publish(at, ready, hashes)
        except BaseException:
            at.recall(recent=before)
            raise
        if gone := [key for key in before if key not in kept]:
            await self._seen.keep(at.source.id, {}, gone)

    def unless_flapping(self, at: Round, fresh: Sequence[Notice]) -> list[Notice]:
        """The items that may be published; one that flaps is held back, and the poll says so."""
        return [row for row in fresh if not self.flaps(at, row.item_key)]

    def flaps(self, at: Round, key: str) -> bool:
        """Whether an item changes too often to be published again now."""
        until = at.limits.flapping.until(at.memory.recent.get(key), self.now())
        if until is not None and key not in at.held:
            at.held.add(key)
            at.notes.append(f"{key} changes too often: no more revisions of it until {until:%Y-%m-%d %H:%M}Z")
        return until is not None
