"""Pictures of what alerts look like: mails and Slack messages, rendered from what would be sent, in Chromium.

``python -m bench.alert_screens FOLDER`` writes the HTML and the PNGs: light and dark, on a screen and on a phone, English and
Chinese. Slack's blocks are drawn from the payload by a plain imitation of Slack's layout; it shows order, text and marks,
not Slack's fonts.
"""

from __future__ import annotations

import asyncio
import base64
import html as escaping
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright
from redis.asyncio import Redis

from alerts.channels.email.body import cid, html
from alerts.channels.slack.blocks import blocks
from alerts.digest.compose import Request, compose
from alerts.digest.content import Digest, Lang, Period
from alerts.digest.room import announcement
from alerts.digest.settings import CHARTS
from alerts.message import Message
from events.base import Severity
from events.messages import AlertSource, AlertStatus, Reason
from medpulse.embedded.servers import embedded_redis
from medpulse.sector import BoardSector
from tests.alerts.build import SEEN, URL, alert, hostile
from tests.board.town import fill

CHROMIUM = "/usr/bin/chromium"
LOOKS = {
    "light": {"viewport": {"width": 760, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 760, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "device_scale_factor": 2},
}
_SLACK_PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ font: 15px/22px Lato, 'Noto Sans CJK SC', sans-serif; margin: 20px; width: 640px; color: #1d1c1d; }}
h3 {{ font-size: 18px; margin: 4px 0; }} .context {{ font-size: 12px; line-height: 18px; color: #616061; margin: 6px 0; }}
.fields {{ display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; margin: 6px 0; }}
.section {{ margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere; }} a {{ color: #1264a3; text-decoration: none; }}
</style>{body}"""


def shown(payload: list[dict[str, Any]]) -> str:
    """Blocks as a page."""
    return _SLACK_PAGE.format(body="".join(_blocks(payload)))


def _blocks(payload: list[dict[str, Any]]) -> Iterator[str]:
    for block in payload:
        match block:
            case {"type": "header", "text": text}:
                yield f"<h3>{_text(text)}</h3>"
            case {"type": "section", "fields": fields}:
                yield f'<div class="fields">{"".join(f"<div>{_text(f)}</div>" for f in fields)}</div>'
            case {"type": "section", "text": text}:
                yield f'<div class="section">{_text(text)}</div>'
            case {"type": "context", "elements": elements}:
                yield f'<div class="context">{" ".join(map(_text, elements))}</div>'
            case _:
                raise ValueError(f"no block of ours: {block}")


def _text(text: dict[str, Any]) -> str:
    """A text object as HTML: mrkdwn's bold, italics, links and line ends; Slack's three escapes are HTML's own."""
    if text["type"] == "plain_text":
        return escaping.escape(text["text"])
    said = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', text["text"])
    said = re.sub(r"(?<!\w)\*([^*\n]+)\*", r"<b>\1</b>", said)
    said = re.sub(r"(?<!\w)_([^_\n]+)_", r"<i>\1</i>", said)
    return said.replace(":information_source:", "ℹ️").replace("\n", "<br>")


def messages() -> dict[str, Message]:
    """Samples of everything that alerts say."""
    places = tuple(
        AlertSource(source_id=name, url=f"https://{name}.example/1", at=SEEN)
        for name in ("nmpa-delivery", "udi", "cmde-innovation")
    )
    standing = alert(2, title="Source nmpa-delivery is failing", severity=Severity.WARNING, standing=True)
    ended = standing.model_copy(update={"status": AlertStatus.RESOLVED})
    many = tuple(alert(n, illustrative=n % 7 == 0) for n in range(1, 301))
    return {
        "alert": Message("analysts", (alert(sources=places),)),
        "illustrative": Message("analysts", (alert(illustrative=True),), possible_duplicate=True),
        "drill": Message("analysts", (alert(severity=Severity.CRITICAL),), drill=True, notes=("A silence ended",)),
        "resolved": Message("analysts", (ended,), reason=Reason.RESOLVED),
        "burst": Message("analysts", many),
        "hostile": Message("analysts", (hostile(),)),
    }


async def digests(redis: Redis) -> dict[str, Digest]:
    """A weekly digest of the tests' town in both languages, and one of a day on which nothing happened."""
    await fill(redis)
    sector = BoardSector(redis)
    made = {}
    asked = Request("digest:weekly", Period.WEEKLY, date(2022, 8, 22), date(2022, 8, 28), charts=CHARTS)
    asked = replace(asked, board="https://medpulse.example.org")
    try:
        for lang in Lang:
            made[f"digest-{lang}"], _ = await compose(replace(asked, lang=lang), sector, redis)
        quiet = replace(asked, period=Period.DAILY, start=date(2019, 1, 1), end=date(2019, 1, 1))
        made["digest-empty"], _ = await compose(quiet, sector, redis)
    finally:
        await sector.aclose()
    return made


def inlined(page: str, content: Digest | None) -> str:
    """The mail's HTML with its charts inside, as a mail reader shows it."""
    for picture in content.pictures if content else ():
        data = base64.b64encode(picture.png).decode()
        page = page.replace(f"cid:{cid(picture)}", f"data:image/png;base64,{data}")
    return page


async def pages(folder: Path) -> list[Path]:
    """Write every sample as an HTML file."""
    with tempfile.TemporaryDirectory() as home:
        async with embedded_redis(Path(home)) as url:
            redis: Redis = Redis.from_url(url)
            found = await digests(redis)
            await redis.aclose()
    samples = messages()
    samples |= {
        name: Message("analysts", (announcement(content, "analysts", SEEN),), content=content, reason=Reason.DIGEST)
        for name, content in found.items()
    }
    written = []
    for name, message in samples.items():
        mail, slack = folder / f"mail-{name}.html", folder / f"slack-{name}.html"
        mail.write_text(inlined(html(message), message.content), encoding="utf-8")
        slack.write_text(shown(blocks(message)), encoding="utf-8")
        written += [mail, slack]
    return written


async def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    written = await pages(folder)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for look, options in LOOKS.items():
            context = await browser.new_context(**options)  # type: ignore[arg-type]
            page = await context.new_page()
            for file in written:
                if file.name.startswith("slack-") and look != "light":
                    continue
                await page.goto(file.resolve().as_uri())
                await page.screenshot(path=folder / f"{file.stem}-{look}.png", full_page=True)
            await context.close()
        await browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder} ({URL} is a sample)")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "alert-screens")))
