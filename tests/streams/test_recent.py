"""What this process published a moment ago: it is what the bytes say, it is forgotten once read, and it is bounded."""

from __future__ import annotations

from bench.flow.load import pages
from events.notice import NoticeBatch
from events.wire import decode, envelopes
from streams.recent import MOST_BYTES, Recent


def test_an_envelope_is_what_its_bytes_say_whether_it_is_remembered_or_not() -> None:
    recent = Recent()
    raws = [one.value for page in pages(40) for one in envelopes("flow", page)]
    batches = [decode(NoticeBatch, raw) for raw in raws]
    for raw, batch in zip(raws, batches, strict=True):
        recent.put_batch(raw, batch)
        recent.put_batch(raw, batch)  # sent again, as after a broker that was away
    assert [recent.batch(raw) for raw in raws] == batches
    again = recent.batch(raws[0])
    assert again == batches[0]
    assert again is not batches[0]


def test_envelopes_beyond_some_megabytes_are_forgotten_the_oldest_first() -> None:
    recent = Recent()
    (raw,) = (one.value for page in pages(1) for one in envelopes("flow", page))
    batch, padded = decode(NoticeBatch, raw), [raw + b" " * size for size in (MOST_BYTES // 2, MOST_BYTES // 2 + 1)]
    for one in padded:
        recent.put_batch(one, batch)
    assert recent.batch(padded[1]) is batch
    assert recent.batch(padded[0]) is not batch
