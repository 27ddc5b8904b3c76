"""Own pages of items that were published lately, read again in turn: for an edit that no list shows, and a page that is gone.

Each is asked for with its validators, so that one that is the same costs the site a line.
"""

from __future__ import annotations

from datetime import datetime

from events.notice import Attachment, Notice
from scrapers.answer import Fetched
from scrapers.details import joined
from scrapers.files.attach import Files
from scrapers.outcome import HOST_IN_TROUBLE, Verdict
from scrapers.outlet import Outlet
from scrapers.reading import Reader, Reading
from scrapers.recent import Kept, OwnPage, Recent, pack, said_by, unpack
from scrapers.round import Round
from scrapers.seen import Seen

_GONE = frozenset({404, 410})


class Reread:
    """Reads a few own pages a poll. What fails costs nothing but its turn: the item was published as it was."""

    def __init__(self, reader: Reader, seen: Seen, outlet: Outlet, files: Files) -> None:
        self._reader = reader
        self._seen = seen
        self._outlet = outlet
        self._files = files

    async def some(self, at: Round) -> None:
        """Read the own pages whose turn it is: first those that were gone last time, then by how long ago they were read."""
        for key in turn(at, self._outlet.now())[: at.limits.rereads]:
            recent = at.memory.recent.get(key)
            if at.stopped or recent is None or recent.own is None:
                return
            await self._one(at, key, recent, recent.own)

    async def _one(self, at: Round, key: str, recent: Recent, own: OwnPage) -> None:
        reading = await self._reader.read(at.source, own.request, own.validators, own.digest)
        now = self._outlet.now()
        answer = reading.answer
        if isinstance(answer, Fetched) and answer.status in _GONE:
            _note(at, key, recent.but(checked=now, dead=bool(own.digest)))
            return
        if reading.same and not recent.withdrawn:
            _note(at, key, recent.but(checked=now, dead=False))
            return
        kept = unpack((await self._seen.kept(at.source.id, [key])).get(key, b""))
        found = _whole(at, kept, reading) if kept else None
        if kept is None or isinstance(found, Verdict) or not isinstance(answer, Fetched) or found is None:
            at.stopped = at.stopped or (isinstance(found, Verdict) and found.outcome in HOST_IN_TROUBLE)
            _note(at, key, recent.but(checked=now))
            return
        read = OwnPage(request=own.request, validators=answer.validators, digest=reading.digest or own.digest)
        if recent.missing or (
            (changed := recent.withdrawn or said_by(found) != recent.said) and self._outlet.flaps(at, key)
        ):
            # what is held back is not noted as read, so that it is found again once it may be published
            _note(at, key, recent.but(checked=now, dead=False))
        elif not changed:
            _note(at, key, recent.but(checked=now, dead=False, own=read))
        else:
            for whole in await self._files.completed(at, [found]):
                watched = self._outlet.noted(at, whole, recent.row, read)
                packed = pack(Kept(notice=whole, row=kept.row))
                await self._outlet.publish_watched(at, [whole], {key: recent.row}, {key: watched}, {key: packed})


def turn(at: Round, now: datetime) -> list[str]:
    """The items whose own pages may be read by a poll at ``now``, the most urgent first."""
    limits = at.limits

    def is_due(recent: Recent) -> bool:
        if recent.own is None or now - recent.since > limits.reread_until:
            return False
        doubtful = recent.dead and not recent.withdrawn
        return doubtful or recent.checked is None or now - recent.checked >= limits.reread_after

    due = [key for key, recent in at.memory.recent.items() if key not in at.own and is_due(recent)]
    every = at.memory.recent
    return sorted(due, key=lambda key: (not every[key].dead or every[key].withdrawn, every[key].checked or now))


def _whole(at: Round, kept: Kept, reading: Reading) -> Notice | Verdict:
    """The item as its page now has it, with the text of those of its files that are still the same."""
    if reading.same:
        return kept.notice
    whole = joined(at.source, kept.row or kept.notice, reading)
    if isinstance(whole, Verdict) or not isinstance(reading.answer, Fetched):
        return whole
    read = {file.url: file for file in kept.notice.attachments}
    files = tuple(_with_text(file, read.get(file.url)) for file in whole.attachments)
    said = {"attachments": files, "content_hash": "", "detected_at": reading.answer.fetched_at}
    return Notice.model_validate(dict(whole) | said)


def _with_text(file: Attachment, before: Attachment | None) -> Attachment:
    if before is None or file.pages:
        return file
    return file.model_copy(
        update={"pages": before.pages, "pages_total": before.pages_total, "unread": before.unread}
        | {"archive": before.archive}
    )


def _note(at: Round, key: str, recent: Recent) -> None:
    at.recall(recent={**at.memory.recent, key: recent})
