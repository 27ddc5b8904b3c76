"""Pages that need JavaScript, drawn by the real Chromium: by our manners, no way out but the fetcher, and never a wall's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.answer import FetchError, Refused, Unreachable
from scrapers.fetch import Fetcher, FetchSettings
from scrapers.page import Page, Parsed, Request
from tests.scrapers.hostile import WALL, Hostile, Mapped, page
from tests.scrapers.rig import FAST, A, Small, rigged, small

pytestmark = [pytest.mark.asyncio, pytest.mark.browser, pytest.mark.timeout(180)]
FOUND = shutil.which("chromium")
SCRIPT = b"""
fetch('/data.json').then(r => r.json()).then(async data => {
  document.body.dataset.agent = navigator.userAgent;
  document.getElementById('list').textContent = JSON.stringify(data);
  const tried = await Promise.allSettled([fetch('/secret/x'), fetch('http://169.254.169.254/metadata'), fetch('file:///etc/passwd')]);
  document.body.dataset.tried = tried.map(one => one.status).join(' ');
  try { new WebSocket(`ws://${location.host}/socket`); } catch (error) { }
  new Image().src = '/picture.png';
});
"""
SHELL = b"<!doctype html><meta charset=utf-8><body><pre id=list></pre><script src=/app.js></script></body>"
DATA = json.dumps({"items": [A]}).encode()


@pytest.fixture
def settings() -> FetchSettings:
    if FOUND is None:
        pytest.skip("chromium is not installed")
    return replace(FAST, read=30, total=90, size=2_000_000, browser=Path(FOUND))


def _site(site: Hostile) -> None:
    site.pages |= {
        "/list": page(SHELL, content_type="text/html", etag='"1"'),
        "/app.js": page(SCRIPT, content_type="text/javascript"),
        "/data.json": page(DATA, content_type="application/json"),
        "/secret/x": page(b"secret"),
        "/robots.txt": page(b"User-agent: *\nDisallow: /secret/"),
    }


class Drawn(Small):
    """`Small`, whose lists stand in an element that a script fills."""

    def parse(self, page: Page) -> Parsed:
        text = page.content.decode().partition('<pre id="list">')[2].partition("</pre>")[0]
        return super().parse(replace(page, content=text.encode())) if text else super().parse(page)


async def test_a_page_is_drawn_by_our_manners(
    tmp_path: Path, clock: VirtualClock, site: Hostile, settings: FetchSettings
) -> None:
    _site(site)
    async with rigged(tmp_path, clock, settings=settings) as rig:
        rig.runner._lists._reader._parse = Drawn().parse
        plain = await rig.poll(small(site.url(), id="plain", details=False))
        assert plain.outcome is Outcome.MALFORMED, "without JavaScript there is nothing in it"
        drawn = await rig.poll(small(site.url(), details=False, fetcher="browser"))
        again = await rig.poll(small(site.url(), details=False, fetcher="browser"))
        assert (drawn.outcome, drawn.items_new, again.outcome) == (Outcome.NEW, 1, Outcome.UNCHANGED), drawn.detail
        kept = next(one for one in rig.kept if one.pointer == rig.sent.notices[0].archive)
    assert b"tests@example.org" in kept.content, "our own user agent"
    asked = {one.path for one in site.asked}
    assert asked == {"/robots.txt", "/list", "/app.js", "/data.json"}, (
        "no picture, no socket, nothing that robots.txt forbids"
    )
    assert {one.headers["user-agent"] for one in site.asked if "medpulse" not in one.headers["user-agent"]} == set()
    assert not any("cookie" in one.headers for one in site.asked)


async def _drawn(clock: VirtualClock, site: Hostile, settings: FetchSettings) -> bytes:
    async with Fetcher(settings, clock) as fetcher:
        return (await fetcher.get(Request(site.url(), drawn=True))).content


async def test_the_script_of_a_wall_is_not_run(clock: VirtualClock, site: Hostile, settings: FetchSettings) -> None:
    wall = WALL.replace(b"</head>", b"<script src=/app.js></script></head>")
    site.pages |= {"/list": page(wall, content_type="text/html"), "/app.js": page(SCRIPT)}
    assert await _drawn(clock, site, settings) == wall
    assert site.times_asked("/app.js") == 0


async def test_a_script_reaches_no_private_address(clock: VirtualClock, site: Hostile, settings: FetchSettings) -> None:
    _site(site)
    site.pages["/metadata"] = page(b"secret", access_control_allow_origin="*")
    guarded = replace(settings, allow_private=False)
    async with Fetcher(guarded, clock, transport=Mapped(site.port)) as fetcher:
        with pytest.raises(Refused, match="private address"):
            await fetcher.get(Request(site.url(), drawn=True))
        drawn = await fetcher.get(Request("http://www.nmpa.gov.cn/list", drawn=True))
    assert b'data-tried="fulfilled rejected rejected"' in drawn.content, "nobody asked robots.txt here"
    assert {one.path for one in site.asked} == {"/list", "/app.js", "/data.json", "/secret/x"}


async def test_a_page_that_never_rests_ends_in_time(
    clock: VirtualClock, site: Hostile, settings: FetchSettings
) -> None:
    _site(site)
    site.pages["/app.js"] = page(b"setInterval(() => fetch('/data.json'), 20); while (Date.now() % 1e9 < -1);")
    with pytest.raises(Unreachable, match="not whole after 6 s"):
        await _drawn(clock, site, replace(settings, total=6))
    assert site.times_asked("/data.json") <= 100


async def test_it_is_off_unless_it_is_asked_for(clock: VirtualClock, site: Hostile) -> None:
    with pytest.raises(FetchError, match="set MEDPULSE_BROWSER"):
        await _drawn(clock, site, FAST)
    assert site.asked == []
