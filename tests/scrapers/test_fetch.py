"""The fetcher against a real server that misbehaves: each way to fail is one named kind of error."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.answer import Broken, FetchError, Refused, Unreachable, Validators
from scrapers.fetch import Fetcher, FetchSettings
from scrapers.guard import check_url, is_public
from scrapers.inflate import Inflater, OverLimit
from scrapers.page import Request
from tests.scrapers.hostile import (
    Asked,
    Hostile,
    Manner,
    Mapped,
    cut_off,
    drip,
    endless,
    hang,
    page,
    raw,
    redirect,
    reset,
)
from tests.scrapers.rig import FAST

GUARDED = replace(FAST, allow_private=False)


async def _error(clock: VirtualClock, url: str, settings: FetchSettings = FAST) -> FetchError:
    async with Fetcher(settings, clock) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(Request(url))
    return caught.value


@pytest.mark.asyncio
async def test_an_answer_is_whole_and_undecoded(clock: VirtualClock, site: Hostile) -> None:
    site.pages["/list"] = page("注册证".encode("gb18030"), content_type="text/html; charset=gbk", etag='"7"')
    async with Fetcher(FAST, clock) as fetcher:
        got = await fetcher.get(Request(site.url("/list#columnid=104")))
        again = await fetcher.get(Request(site.url()), got.validators)
    assert (got.status, got.content.decode("gb18030"), got.content_type) == (200, "注册证", "text/html; charset=gbk")
    assert got.url == site.url("/list#columnid=104")
    assert got.fetched_at == clock.now()
    assert (again.not_modified, again.content) == (True, b"")
    assert "tests@example.org" in site.asked[0].headers["user-agent"]
    assert site.asked[0].path == "/list"


@pytest.mark.asyncio
async def test_a_form_and_headers_are_sent(clock: VirtualClock, site: Hostile) -> None:
    site.pages["/list"] = page(b"{}", set_cookie="C3VK=1; path=/")
    async with Fetcher(FAST, clock) as fetcher:
        for _ in range(2):
            await fetcher.get(Request(site.url(), "POST", {"Referer": "https://www.sse.com.cn/"}, {"columnid": "104"}))
    first, second = site.asked
    assert (first.method, first.body, first.headers["referer"]) == ("POST", b"columnid=104", "https://www.sse.com.cn/")
    assert "cookie" not in second.headers, "a wall's cookie is not sent back"


BOMB = gzip.compress(b"0" * 20_000_000)
FAULTS: dict[str, tuple[Manner, Outcome, str]] = {
    "reset": (reset(b"<html>"), Outcome.OUTAGE, ""),
    "hang": (hang, Outcome.OUTAGE, ""),
    "drip": (drip, Outcome.OUTAGE, "not whole after"),
    "closed": (raw(b""), Outcome.OUTAGE, "disconnected"),
    "not-http": (raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), Outcome.MALFORMED, ""),
    "cut-off": (cut_off(b"<html>"), Outcome.MALFORMED, "complete"),
    "endless": (endless, Outcome.MALFORMED, "larger than 200000"),
    "bad-gzip": (page(b"no gzip at all", content_encoding="gzip"), Outcome.MALFORMED, "not gzip"),
    "cut-gzip": (page(gzip.compress(b"x" * 5000)[:-9], content_encoding="gzip"), Outcome.MALFORMED, "cut off"),
    "bomb": (page(BOMB, content_encoding="gzip"), Outcome.MALFORMED, "larger than 200000"),
    "bomb-in-a-bomb": (page(gzip.compress(BOMB), content_encoding="gzip, gzip"), Outcome.MALFORMED, "not asked for"),
    "brotli": (page(b"x", content_encoding="br"), Outcome.MALFORMED, "not asked for"),
    "redirect-loop": (redirect("/list"), Outcome.REFUSED, "redirected more than 5 times"),
    "file": (redirect("file:///etc/passwd"), Outcome.REFUSED, "not an address of the web"),
    "ftp": (redirect("ftp://example.org/x"), Outcome.REFUSED, "not an address of the web"),
    "no-url": (redirect("http://[::1"), Outcome.MALFORMED, "which is no URL"),
    "no-port": (redirect("http://example.org:port/"), Outcome.MALFORMED, "which is no URL"),
}


@pytest.mark.asyncio
async def test_what_a_url_states_of_its_user_is_sent_as_a_head(clock: VirtualClock, site: Hostile) -> None:
    site.pages["/list"] = page(b"{}")
    async with Fetcher(FAST, clock) as fetcher:
        await fetcher.get(Request(site.url().replace("://", "://reader:secret@")))  # pragma: allowlist secret
    assert site.asked[0].headers["authorization"] == "Basic cmVhZGVyOnNlY3JldA=="


@pytest.mark.asyncio
@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_is_named(name: str, clock: VirtualClock, site: Hostile) -> None:
    manner, outcome, words = FAULTS[name]
    site.pages["/list"] = manner
    error = await _error(clock, site.url())
    assert (error.outcome, words in str(error)) == (outcome, True), error


@pytest.mark.asyncio
async def test_a_refused_connection_and_an_unknown_name_are_outages(clock: VirtualClock) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = await _error(clock, f"http://127.0.0.1:{held.getsockname()[1]}/")
    assert isinstance(closed, Unreachable)
    assert isinstance(await _error(clock, "https://no-such-host.invalid/", GUARDED), Unreachable)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"one") + gzip.compress(b"two"), "gzip"),
        (gzip.compress(b"onetwo") + b"\0" * 40, "x-gzip"),
        (zlib.compress(b"onetwo"), "deflate"),
        (zlib.compress(b"onetwo")[2:-4], "deflate"),
        (b"onetwo", "identity"),
    ],
    ids=["two-members", "padded", "zlib", "raw", "none"],
)
async def test_encodings_are_undone(body: bytes, encoding: str, clock: VirtualClock, site: Hostile) -> None:
    site.pages["/list"] = page(body, content_encoding=encoding)
    async with Fetcher(FAST, clock) as fetcher:
        assert (await fetcher.get(Request(site.url()))).content == b"onetwo"


def test_a_bomb_is_unpacked_a_little_at_a_time() -> None:
    inflater = Inflater("gzip", 1_000_000)
    sizes: list[int] = []
    with pytest.raises(OverLimit, match="larger than 1000000"):
        sizes.extend(len(piece) for piece in inflater.feed(BOMB))
    assert len(BOMB) < 30_000
    assert max(sizes) <= 256 * 1024
    assert sum(sizes) <= 1_000_000


@pytest.mark.asyncio
async def test_redirects_keep_the_fragment_and_drop_the_form(clock: VirtualClock, site: Hostile) -> None:
    site.pages |= {"/a": redirect("b?x=1"), "/b?x=1": redirect("/c", 307), "/c": page(b"here")}
    permitted: list[str] = []

    async def permit(url: str) -> None:
        permitted.append(url)

    async with Fetcher(FAST, clock) as fetcher:
        got = await fetcher.get(Request(site.url("/a#col"), "POST", form={"q": "1"}), permit=permit)
    assert got.url == site.url("/c#col")
    assert permitted == [site.url("/b?x=1#col"), site.url("/c#col")]
    assert [(a.method, a.body) for a in site.asked] == [("POST", b"q=1"), ("GET", b""), ("GET", b"")]


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"])
async def test_no_private_address_is_asked(host: str, clock: VirtualClock, site: Hostile) -> None:
    error = await _error(clock, f"http://{host}:{site.port}/list", GUARDED)
    assert isinstance(error, Refused)
    assert "private address" in str(error)
    assert site.asked == []


@pytest.mark.asyncio
async def test_a_redirect_to_a_private_address_is_refused(clock: VirtualClock, site: Hostile) -> None:
    site.pages |= {"/list": redirect("http://169.254.169.254/latest/meta-data/"), "/latest/meta-data/": page(b"secret")}
    async with Fetcher(GUARDED, clock, transport=Mapped(site.port)) as fetcher:
        with pytest.raises(Refused, match=r"169\.254\.169\.254 is a private address"):
            await fetcher.get(Request("http://www.nmpa.gov.cn/list"))
    assert [asked.path for asked in site.asked] == ["/list"]


@pytest.mark.asyncio
async def test_sites_that_are_slow_keep_no_other_waiting(
    clock: VirtualClock, site: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrapers.guard.is_public", lambda _: True)
    everybody = asyncio.Barrier(30)

    async def together(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await everybody.wait()
        await page(b"at last")(asked, writer)

    site.pages["/list"] = together
    async with Fetcher(GUARDED, clock) as fetcher:
        got = await asyncio.gather(*(fetcher.get(Request(site.url())) for _ in range(everybody.parties)))
    assert {one.content for one in got} == {b"at last"}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("114.114.114.114", True),
        ("2400:3200::1", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_the_web_is_asked() -> None:
    check_url("https://www.nhsa.gov.cn/col/col104/index.html", allow_private=False)


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    cert, key = folder / f"{name[:3]}.pem", folder / f"{name[:3]}.key"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=medpulse"]
    made += ["-addext", f"subjectAltName={name}", "-out", str(cert), "-keyout", str(key)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


@pytest.mark.asyncio
async def test_certificates_are_verified(clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, good = await asyncio.to_thread(_certificate, tmp_path, "IP:127.0.0.1")
    wrong, bad = await asyncio.to_thread(_certificate, tmp_path, "DNS:other.example")
    async with Hostile(good) as own, Hostile(bad) as other:
        own.pages["/list"] = page(b"verified")
        assert "certificate verify failed" in str(await _error(clock, own.url())), "nobody vouches for it"
        monkeypatch.setenv("SSL_CERT_FILE", str(right))
        async with Fetcher(FAST, clock) as fetcher:
            assert (await fetcher.get(Request(own.url()))).content == b"verified"
        monkeypatch.setenv("SSL_CERT_FILE", str(wrong))
        error = await _error(clock, other.url())
    assert isinstance(error, Unreachable)
    assert "mismatch" in str(error)


@pytest.mark.asyncio
@pytest.mark.parametrize(("simulated", "marks"), [(True, {"a", "b"}), (False, set())])
async def test_only_the_simulator_marks_rows(
    simulated: bool, marks: set[str], clock: VirtualClock, site: Hostile
) -> None:
    site.pages["/list"] = page(b"{}", medpulse_illustrative="a, b")
    async with Fetcher(FAST, clock, simulated=simulated) as fetcher:
        assert (await fetcher.get(Request(site.url()))).illustrative == marks


def test_validators_are_headers() -> None:
    assert Validators('"1"', None).headers == {"If-None-Match": '"1"'}
    assert issubclass(Broken, FetchError)
