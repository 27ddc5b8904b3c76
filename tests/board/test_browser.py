"""The page in a real browser: light, dark and phone, and alive."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from redis.asyncio import Redis

from board.app import create_app
from board.palette import PALETTES, Theme
from events.clock import VirtualClock
from streams.store import Store
from tests.board.conftest import served
from tests.board.running import NOW
from tests.board.town import certificates

pytestmark = [pytest.mark.asyncio, pytest.mark.browser]
CHROMIUM = shutil.which("chromium")
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


async def opened(browser: Browser, url: str, theme: Theme, size: dict[str, int]) -> tuple[Page, list[str]]:
    """The page, loaded with its charts, and what the browser complained of."""
    page = await browser.new_page(color_scheme=theme.value, viewport={"width": size["width"], "height": size["height"]})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    await page.goto(url)
    return page, complaints


@pytest.mark.parametrize(("theme", "size"), [(Theme.LIGHT, WIDE), (Theme.DARK, WIDE), (Theme.LIGHT, PHONE)])
async def test_the_page_shows_its_numbers(browser: Browser, filled: Redis, theme: Theme, size: dict[str, int]) -> None:
    async with served(create_app(filled, VirtualClock(NOW))) as url:
        page, complaints = await opened(browser, url, theme, size)
        await expect(page.locator('[data-figure="certificates"] .value')).to_have_text("49")
        await expect(page.locator('[data-figure="companies"] .value')).to_have_text("28")
        await expect(page.locator(".live")).to_be_visible()
        drawn = await page.eval_on_selector_all(
            "picture img", "all => all.map(i => i.complete && i.naturalWidth > 100)"
        )
        assert drawn == [True] * 5
        shown = await page.eval_on_selector_all("picture img", "all => all.map(i => i.currentSrc)")
        assert all(("theme=dark" in src) == (theme is Theme.DARK) for src in shown)
        assert all(("size=narrow" in src) == (size is PHONE) for src in shown)
        background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        paper = PALETTES[theme].paper
        assert background == f"rgb({', '.join(str(int(paper[i : i + 2], 16)) for i in (1, 3, 5))})"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        assert complaints == []
        await page.close()


async def test_an_open_page_grows_with_the_sector(browser: Browser, redis: Redis) -> None:
    store = Store(redis)
    await store.load()
    every = list(certificates())
    await store.apply(every[:20])
    async with served(create_app(redis, VirtualClock(NOW), refresh_seconds=0.05)) as url:
        page, complaints = await opened(browser, url, Theme.LIGHT, WIDE)
        value = page.locator('[data-figure="certificates"] .value')
        await expect(value).to_have_text("20")
        chart = page.locator(".chart-certificates img")
        before = await chart.evaluate("image => image.currentSrc")
        await store.apply(every[20:])
        await expect(value).to_have_text("49", timeout=20_000)
        await expect(page.locator("h1")).to_contain_text("28 companies")
        assert await chart.evaluate("image => image.currentSrc") != before
        assert complaints == []
        await page.close()


async def test_the_keyboard_reaches_the_figures_first(browser: Browser, filled: Redis) -> None:
    async with served(create_app(filled, VirtualClock(NOW))) as url:
        page, _ = await opened(browser, url, Theme.LIGHT, WIDE)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "figures"
        await page.close()
