"""What this process has published a moment ago, by its bytes: whoever reads them here need not work them out again.

An event that `enrich` publishes is mostly read by `aggregate` of the same process. Another process, or this one after a while,
reads the same of the bytes by themselves: nothing depends on what is here.
"""

from __future__ import annotations

from typing import NamedTuple

from events.event import EventBase
from events.notice import NoticeBatch
from events.view.bodies import pack
from events.wire import decode, decode_event

MOST = 8192
"""Events that are held: some 40 MB in a flood, and more than `streams.turns` lets wait for `aggregate`."""
MOST_BYTES = 4 * 1024 * 1024
"""Of the JSON of envelopes that are held: as objects they are some three times as large."""


class Published(NamedTuple):
    """An event, and its JSON as it is kept in Redis."""

    event: EventBase
    packed: bytes


class Recent:
    """The last events and envelopes that were published and not yet read, the oldest forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[bytes, Published] = {}
        self._batches: dict[bytes, NoticeBatch] = {}
        self._bytes = 0

    def put(self, raw: bytes, published: Published) -> None:
        """Remember what these bytes say."""
        self._held[raw] = published
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]

    def event(self, raw: bytes) -> EventBase:
        """The event in these bytes. Raises `Unreadable`."""
        held = self._held.get(raw)
        return decode_event(raw) if held is None else held.event

    def packed(self, raw: bytes) -> bytes:
        """The bytes as they are kept in Redis; forgotten with this."""
        held = self._held.pop(raw, None)
        return pack(raw) if held is None else held.packed

    def put_batch(self, raw: bytes, batch: NoticeBatch) -> None:
        """Remember what an envelope says."""
        if raw not in self._batches:
            self._batches[raw] = batch
            self._bytes += len(raw)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(oldest := next(iter(self._batches)))
            del self._batches[oldest]

    def batch(self, raw: bytes) -> NoticeBatch:
        """The envelope in these bytes; forgotten with this. Raises `Unreadable`."""
        if (held := self._batches.pop(raw, None)) is None:
            return decode(NoticeBatch, raw)
        self._bytes -= len(raw)
        return held
