"""Items that are gone: after several polls that agree, the notice is published once more, as withdrawn.

A poll in which anything was wrong with a list agrees to nothing. An item that comes back is published as it then is.
"""

from __future__ import annotations

from events.notice import Notice
from scrapers.outlet import Outlet
from scrapers.recent import WITHDRAWN, Recent, dead, unpack
from scrapers.round import Round
from scrapers.seen import Seen


class Withdrawals:
    """Counts the polls that found an item gone."""

    def __init__(self, seen: Seen, outlet: Outlet) -> None:
        self._seen = seen
        self._outlet = outlet

    async def settle(self, at: Round) -> None:
        """Count what this poll saw, and publish the withdrawals that enough polls have confirmed."""
        if at.faults or at.stopped or not at.source.withdrawn_after:
            return
        missed = at.missed - at.shown
        counted = {key: counted_once(one, missing=key in missed) for key, one in at.memory.recent.items()}
        at.recall(recent=counted)
        gone = [key for key, one in counted.items() if one.gone >= at.source.withdrawn_after and not one.withdrawn]
        gone = [key for key in gone if not self._outlet.flaps(at, key)]
        if gone:
            await self._withdraw(at, gone)

    async def _withdraw(self, at: Round, gone: list[str]) -> None:
        packed = await self._seen.kept(at.source.id, gone)
        now = self._outlet.now()
        notices: list[Notice] = []
        marks: dict[str, str] = {}
        watched: dict[str, Recent] = {}
        for key in gone:
            recent = at.memory.recent[key]
            kept = unpack(packed.get(key, b""))
            if kept is None:
                # written by another version: there is nothing to say it by
                watched[key] = recent.but(withdrawn=True)
                continue
            changed = {"retracted": True, "detected_at": now, "content_hash": ""}
            notice = Notice.model_validate(dict(kept.notice) | changed)
            notices.append(notice)
            marks[key] = dead(recent.row) if recent.dead and not recent.missing else WITHDRAWN
            watched[key] = self._outlet.noted(at, notice, recent.row, recent.own)
        await self._outlet.publish_watched(at, notices, marks, watched, {})
        if notices:
            said = ", ".join(notice.item_key for notice in notices[:3])
            at.notes.append(f"{len(notices)} withdrawn: {said}")


def counted_once(recent: Recent, *, missing: bool) -> Recent:
    """What is known of an item after one more good poll, in whose lists it was missing or not."""
    if recent.withdrawn:
        return recent
    if not (missing or recent.missing or recent.dead or recent.gone):
        return recent
    return recent.but(missing=missing, gone=recent.gone + 1 if missing or recent.dead else 0)
