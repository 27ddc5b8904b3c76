"""Every page in a real browser: light and dark, wide and phone, held to WCAG by axe-core; alive, and usable by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from redis.asyncio import Redis

from board.app import create_app
from board.pages.frame import NAVIGATION
from board.palette import PALETTES, Theme
from events.clock import VirtualClock
from medpulse.embedded.servers import embedded_redis
from streams.store import Store
from tests.board.conftest import served
from tests.board.explained import SHOWN, explained
from tests.board.running import NOW
from tests.board.town import certificates, fill

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, pytest.mark.timeout(400)]
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = shutil.which("chromium")
WIDE, PHONE = ViewportSize(width=1400, height=900), ViewportSize(width=390, height=844)
PATHS = (
    *(path for path, _ in NAVIGATION),
    "/certificates?scope=all&q=没有",
    "/companies/airdoc",
    "/events?metric=class3_certificates&dims=scenario=lung_nodule",
    f"/events/{SHOWN}",
    "/figures",
    "/figures/class3_certificates?by=scenario",
    "/alerts/standing:0",
    "/nowhere",
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(slots=True)
class Town:
    """A board over the town, in this test file's own Valkey."""

    url: str
    redis: Redis
    complaints: list[str] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with embedded_redis(tmp_path_factory.mktemp("valkey")) as redis_url:
        redis: Redis = Redis.from_url(redis_url)
        await fill(redis)
        await explained(redis)
        async with served(create_app(redis, VirtualClock(NOW), refresh_seconds=0.2, rate=1e6, burst=10**6)) as url:
            yield Town(url, redis)
        await redis.aclose()


async def opened(browser: Browser, theme: Theme, size: ViewportSize) -> tuple[Page, list[str]]:
    """An empty page, and what the browser will complain of."""
    page = await browser.new_page(color_scheme=theme.value, viewport=size)
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", list(Theme))
async def test_every_page_is_accessible(browser: Browser, town: Town, theme: Theme, size: ViewportSize) -> None:
    page, complaints = await opened(browser, theme, size)
    # The structure is that of the light page: in the dark only colours can be wrong.
    rules = {"type": "tag", "values": WCAG} if theme is Theme.LIGHT else {"type": "rule", "values": ["color-contrast"]}
    faults = []
    for path in PATHS:
        lang = "zh" if theme is Theme.DARK else "en"
        await page.goto(f"{town.url}{path}{'&' if '?' in path else '?'}lang={lang}", wait_until="domcontentloaded")
        found = await Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        faults += [(path, v["id"], v["nodes"][0]["html"][:200]) for v in found.response["violations"]]
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append((path, "it scrolls sideways", ""))
    assert faults == []
    assert [one for one in complaints if "404" not in one] == []
    await page.close()


@pytest.mark.parametrize(("theme", "size"), [(Theme.LIGHT, WIDE), (Theme.DARK, WIDE), (Theme.LIGHT, PHONE)])
async def test_the_first_page_shows_its_numbers_and_charts(
    browser: Browser, town: Town, theme: Theme, size: ViewportSize
) -> None:
    page, complaints = await opened(browser, theme, size)
    await page.goto(f"{town.url}/")
    await expect(page.locator('[data-figure="certificates"] .value')).to_have_text("49")
    await expect(page.locator('[data-figure="companies"] .value')).to_have_text("28")
    await expect(page.locator(".live")).to_be_visible()
    drawn = await page.eval_on_selector_all("picture img", "all => all.map(i => i.complete && i.naturalWidth > 100)")
    assert drawn == [True] * 5
    shown = await page.eval_on_selector_all("picture img", "all => all.map(i => i.currentSrc)")
    assert all(("theme=dark" in src) == (theme is Theme.DARK) for src in shown)
    assert all(("size=narrow" in src) == (size is PHONE) for src in shown)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    paper = PALETTES[theme].paper
    assert background == f"rgb({', '.join(str(int(paper[i : i + 2], 16)) for i in (1, 3, 5))})"
    assert complaints == []
    await page.close()


async def test_a_figure_leads_to_its_events_and_an_event_to_its_evidence(browser: Browser, town: Town) -> None:
    page, complaints = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/")
    await page.get_by_role("link", name="Lung nodule, CT: 9").click()
    await expect(page.locator("main")).to_contain_text("9 found")
    await expect(page.locator("tbody tr")).to_have_count(9)
    await page.goto(f"{town.url}/events/{SHOWN}")
    await expect(page.locator(".source-text mark")).to_have_text("深度学习")
    await expect(page.locator(".diff ins").first).to_have_text("更正后的名称")
    await expect(page.locator(".difference .new").first).to_contain_text("Company 01")
    assert complaints == []
    await page.close()


async def test_a_search_finds_in_both_languages(browser: Browser, town: Town) -> None:
    page, _ = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/")
    for words in ("fundus camera", "眼底图像"):
        await page.keyboard.press("/")
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/events?q=*")
        await expect(page.locator("[data-live=total]")).to_contain_text("9 found")
        await page.locator("h1").click()
    await page.close()


async def test_the_keyboard_goes_everywhere(browser: Browser, town: Town) -> None:
    page, _ = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await page.keyboard.press("2")
    await page.wait_for_url("**/certificates")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/events/certificate*")
    await page.keyboard.press("[")
    await page.wait_for_url("**as_of=2022-08-31")
    await expect(page.locator(".past")).to_be_visible()
    await page.close()


async def test_the_slider_looks_back(browser: Browser, town: Town) -> None:
    page, _ = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/certificates")
    await page.locator("#slide").evaluate("s => { s.value = 100; s.dispatchEvent(new Event('input')); }")
    await page.locator("#slide").evaluate("s => s.dispatchEvent(new Event('change'))")
    await page.wait_for_url("**as_of=2020-04-23")
    await expect(page.locator("time").first).to_have_text("Thursday, 23 April 2020")
    await page.close()


async def test_the_slider_waits_for_who_holds_an_arrow_key(browser: Browser, town: Town) -> None:
    page, _ = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/sources")
    asked: list[str] = []
    page.on("framenavigated", lambda frame: asked.append(frame.url))
    await page.locator("#slide").focus()
    await page.evaluate(
        """const s = document.getElementById("slide");
        for (let n = 0; n < 3; n++) {
          s.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true}));
          s.value -= 1;
          s.dispatchEvent(new Event("input"));
          s.dispatchEvent(new Event("change"));
        }"""
    )
    await page.wait_for_url("**as_of=2022-08-29")
    assert len(asked) == 1
    await page.close()


async def test_what_is_left_empty_is_not_in_the_address_of_a_list(browser: Browser, town: Town) -> None:
    page, _ = await opened(browser, Theme.LIGHT, WIDE)
    await page.goto(f"{town.url}/certificates")
    await page.locator("select[name=modality]").select_option("MR")
    await page.get_by_role("button", name="Apply").press("Enter")
    await page.wait_for_url(f"{town.url}/certificates?modality=MR&scope=ai")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.close()


async def test_an_open_page_grows_with_the_sector(browser: Browser, tmp_path: Path) -> None:
    async with embedded_redis(tmp_path) as redis_url:
        redis: Redis = Redis.from_url(redis_url)
        store, every = Store(redis), list(certificates())
        await store.load()
        await store.apply(every[:20])
        async with served(create_app(redis, VirtualClock(NOW), refresh_seconds=0.05)) as url:
            page, complaints = await opened(browser, Theme.LIGHT, WIDE)
            await page.goto(url)
            value = page.locator('[data-figure="certificates"] .value')
            await expect(value).to_have_text("20")
            chart = page.locator(".chart-certificates img")
            before = await chart.evaluate("image => image.currentSrc")
            await store.apply(every[20:])
            await expect(value).to_have_text("49")
            await expect(page.locator("h1")).to_contain_text("28 companies")
            assert await chart.evaluate("image => image.currentSrc") != before
            assert complaints == []
            await page.close()
        await redis.aclose()
