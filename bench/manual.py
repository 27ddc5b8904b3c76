"""``make manual``: the pictures of ``docs/manual``, taken by headless Chromium of a board over the tests' small sector.

The sector is that of ``tests/board/town.py`` at a fixed time, so that a picture changes only where the board does. Each is as
wide as a desktop (1280 pixels) or a phone (390), cut below where its page is longer than ``MOST``, and has 128 colours.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from PIL import Image
from playwright.async_api import Browser, FloatRect, ViewportSize, async_playwright
from redis.asyncio import Redis

from board.app import create_app
from events.clock import VirtualClock
from medpulse.embedded.servers import embedded_redis
from tests.board.conftest import served
from tests.board.explained import SHOWN, explained
from tests.board.running import NOW
from tests.board.town import fill

FOLDER = Path(__file__).parent.parent / "docs" / "manual"
DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
MOST = 1100
COLOURS = 128
LIMIT_BYTES = 150_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of the manual: which page, and how it is looked at."""

    name: str
    path: str
    lang: Literal["en", "zh"] = "en"
    dark: bool = False
    phone: bool = False


PICTURES = (
    Picture("overview", "/"),
    Picture("overview-zh-dark", "/", lang="zh", dark=True),
    Picture("certificates", "/certificates?scenario=lung_nodule"),
    Picture("pricing", "/pricing"),
    Picture("company", "/companies/airdoc"),
    Picture("filings", "/filings"),
    Picture("guidance", "/guidance"),
    Picture("event", f"/events/{quote(SHOWN)}"),
    Picture("alerts", "/alerts"),
    Picture("alert", "/alerts/standing:0"),
    Picture("sources", "/sources"),
    Picture("phone", "/certificates", phone=True),
)


async def take(folder: Path) -> bool:
    """Write every picture and print its size. Whether each is within `LIMIT_BYTES`."""
    with tempfile.TemporaryDirectory() as home:
        async with embedded_redis(Path(home)) as redis_url:
            redis: Redis = Redis.from_url(redis_url)
            await fill(redis)
            await explained(redis)
            app = create_app(redis, VirtualClock(NOW), rate=1e6, burst=10**6)
            async with served(app) as url, async_playwright() as driver:
                browser = await driver.chromium.launch(
                    executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
                )
                good = [await _taken(browser, url, picture, folder) for picture in PICTURES]
                await browser.close()
            await redis.aclose()
    return all(good)


def _chromium() -> str:
    if (found := shutil.which("chromium")) is None:
        raise SystemExit("chromium is not installed: apt-get install chromium fonts-noto-cjk")
    return found


async def _taken(browser: Browser, url: str, picture: Picture, folder: Path) -> bool:
    size = PHONE if picture.phone else DESKTOP
    page = await browser.new_page(
        viewport=size,
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="zh-CN" if picture.lang == "zh" else "en-GB",
    )
    page.set_default_timeout(120_000)
    await page.goto(f"{url}{picture.path}{'&' if '?' in picture.path else '?'}lang={picture.lang}", wait_until="load")
    await page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    height = await page.evaluate("document.documentElement.scrollHeight")
    clip = FloatRect(x=0, y=0, width=size["width"], height=min(height, MOST))
    file = folder / f"{picture.name}.png"
    shot = await page.screenshot(full_page=True, clip=clip, animations="disabled")
    await page.close()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    took = file.stat().st_size
    print(f"{file.name:24} {took:8,} bytes{'  OVER' if took > LIMIT_BYTES else ''}", flush=True)
    return took <= LIMIT_BYTES


def main() -> None:
    """Take the pictures; the exit code is 1 where one of them is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    sys.exit(0 if asyncio.run(take(folder)) else 1)


if __name__ == "__main__":
    main()
