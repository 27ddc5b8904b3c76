"""``medpulse digest``: what a digest would say, before anybody gets it."""

from __future__ import annotations

import asyncio
import base64
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from alerts.digest.content import Digest, Lang, Period
from alerts.digest.room import announcement
from alerts.digest.settings import CHARTS
from alerts.message import Message
from events.clock import SystemClock, shanghai_day
from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, print_json
from medpulse.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, help="The daily and weekly digests.")


@app.callback()
def _group() -> None:
    """The daily and weekly digests."""


@app.command("preview", epilog="Example: medpulse digest preview --period weekly --as-of 2022-09-01 --html digest.html")
def preview(
    period: Annotated[Period, typer.Option(help="How much time it covers.")] = Period.DAILY,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day, in Shanghai; yesterday by default.")
    ] = None,
    lang: Annotated[Lang, typer.Option(help="Its language.")] = Lang.EN,
    html: Annotated[Path | None, typer.Option(help="Write the mail as a page that a browser shows.")] = None,
    as_json: Json = False,
) -> None:
    """The digest of a day, or of the seven days up to it, as a receiver of every alert would get it. Nothing is sent."""
    end = as_of.date() if as_of else shanghai_day(SystemClock().now()) - timedelta(days=1)
    found = asyncio.run(_composed(settings(), period, end, lang, CHARTS if html is not None else ()))
    if html is not None:
        _write(html, found)
    if as_json:
        print_json(found.model_dump(mode="json", exclude={"pictures": {"__all__": {"png"}}}))
    elif html is None:
        from alerts.channels.email.body import text  # noqa: PLC0415 Jinja is slow to load, and only this prints text

        console.print(text(_message(found)), markup=False, highlight=False, soft_wrap=True)
    else:
        console.print(f"{html}: {html.stat().st_size:,} bytes, {len(found.pictures)} charts", highlight=False)


async def _composed(own: Settings, period: Period, end: date, lang: Lang, charts: tuple[str, ...]) -> Digest:
    from alerts.digest.compose import Request, compose  # noqa: PLC0415 as above
    from medpulse.sector import BoardSector  # noqa: PLC0415

    days = 1 if period is Period.DAILY else 7
    asked = Request(
        id=f"digest:{period}:{end}:preview",
        period=period,
        start=end - timedelta(days=days - 1),
        end=end,
        lang=lang,
        charts=charts,
        board=own.board_url,
    )
    async with store(own) as redis:
        sector = BoardSector(redis)
        try:
            found, _ = await compose(asked, sector, redis)
        finally:
            await sector.aclose()
    return found


def _write(path: Path, found: Digest) -> None:
    """The HTML of the mail, its charts inside the page. Raises `Failure`."""
    from alerts.channels.email.body import cid, html  # noqa: PLC0415 as above

    page = html(_message(found))
    for picture in found.pictures:
        page = page.replace(f"cid:{cid(picture)}", f"data:image/png;base64,{base64.b64encode(picture.png).decode()}")
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror}): choose another file") from error


def _message(found: Digest) -> Message:
    now = SystemClock().now()
    return Message("preview", (announcement(found, "preview", now),), content=found)
