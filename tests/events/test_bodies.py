"""What is kept in Redis is read as it was said, also what an earlier epoch packed; what is none of it is refused by name."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.view import bodies
from events.view.bodies import BadBody, pack, unpack

SAID = '{"type":"device_approval","title":"肺结节CT影像辅助检测软件"}'.encode()
WRITTEN = "0228b52ffd2048950000287be882ba7d03fc03647095cb26ea900381"
"""`SAID` as the first version with dictionary 2 packed it."""


def deflated(body: bytes) -> bytes:
    """As epoch 4 packed it."""
    dictionary = resources.files("events.view").joinpath("bodies-1.dict").read_bytes()
    deflate = zlib.compressobj(3, zlib.DEFLATED, -14, 5, zdict=dictionary)
    return bodies.DEFLATED + deflate.compress(body) + deflate.flush()


@given(st.text().map(lambda text: b"{" + text.encode()))
def test_what_is_packed_is_read_as_it_was_said(body: bytes) -> None:
    assert unpack(pack(body)) == unpack(deflated(body)) == unpack(body) == body


def test_what_an_earlier_version_wrote_is_read() -> None:
    assert unpack(bytes.fromhex(WRITTEN)) == SAID


@pytest.mark.parametrize("way", [pack, deflated])
def test_what_is_cut_or_edited_is_refused(way: object) -> None:
    assert callable(way)
    packed = way(SAID * 20)
    for broken in (packed[:-3], packed[:1], packed[:1] + b"\xff" * 40):
        with pytest.raises(BadBody):
            unpack(broken)


def test_what_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST", 1000)
    for packed in (pack(b"{" * 1001), deflated(b"{" * 1001)):
        with pytest.raises(BadBody, match="too large"):
            unpack(packed)
    assert unpack(pack(b"{" * 1000)) == b"{" * 1000


def test_threads_pack_at_once() -> None:
    said = [SAID * n for n in range(1, 400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda one: unpack(pack(one)), said)) == said
