"""``medpulse up``, ``demo``, ``run``, ``replay`` and ``doctor``: what starts rooms.

Each imports what it runs when it runs it: Faust, FastAPI and the channels cost more than a second, which `explain` and the
others should not pay.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, print_json, print_rows
from medpulse.settings import settings

if TYPE_CHECKING:
    from medpulse.replay import Tally

REPORT_DAY = datetime(2022, 9, 1)  # noqa: DTZ001 (a civil day in Shanghai: what the published report counts until)


class Room(StrEnum):
    """The rooms that can be run one by one."""

    SCRAPER = "scraper"
    WORKER = "worker"
    ALERTS = "alerts"
    BOARD = "board"


def up() -> None:
    """Run every room until Ctrl-C: on embedded servers, or on MEDPULSE_KAFKA and MEDPULSE_REDIS.

    Example: MEDPULSE_SOURCES=fda-ai-list,hkex-applications medpulse up
    """
    from medpulse import operate

    asyncio.run(operate.up(settings()))


def run(room: Annotated[Room, typer.Argument(help="Which room.")]) -> None:
    """Run one room on MEDPULSE_KAFKA and MEDPULSE_REDIS until it is stopped.

    Example: MEDPULSE_KAFKA=127.0.0.1:9092 MEDPULSE_REDIS=redis://127.0.0.1:6379/0 medpulse run worker
    """
    found = settings()
    if found.embedded:
        raise Failure("`medpulse run` needs MEDPULSE_KAFKA and MEDPULSE_REDIS; `medpulse up` brings servers of its own")
    if room is Room.WORKER:
        from medpulse import work

        work.worker(found)
    else:
        import uvloop

        from medpulse import operate

        # A poll is some forty turns of the loop, an eighth of its time in asyncio's own; as in `streams.worker`.
        uvloop.run(operate.one_room(found, room.value))


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the time-lapse has ended.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Without the board.")] = False,
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the final table.")] = REPORT_DAY,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the final table to this file.")] = None,
) -> None:
    """January 2020 to September 2022 in a minute or two: real scrapers on a simulated town, embedded servers, a live board.

    Example: medpulse demo --once --headless --json out.json
    """
    from medpulse import demo as lapse

    options = lapse.Options(once=once, headless=headless, as_of=as_of.date(), json_file=json_file)
    asyncio.run(lapse.demo(settings(), options))


def replay(
    file: Annotated[Path, typer.Argument(help="A .warc or .warc.gz file: of ours, or anybody's.")],
    as_json: Json = False,
) -> None:
    """Publish what archived pages said. A second time changes no metric.

    Uses the instance that runs (`medpulse up`), MEDPULSE_KAFKA and MEDPULSE_REDIS, or servers of its own for as long.

    Example: medpulse replay archive/2026-11-23.warc.gz
    """
    from medpulse import jobs

    file.open("rb").close()
    tally = asyncio.run(jobs.replay(settings(), file))
    if as_json:
        print_json({"pages": tally.pages, "notices": dict(tally.notices), "unowned": tally.unowned} | _faults(tally))
        return
    print_rows([{"source": source, "notices": n} for source, n in tally.notices.items()], as_json=False)
    console.print(f"{tally.pages} pages, {tally.notices.total()} notices")
    for what, lines in ({"of no source in the catalogue": tally.unowned} | _faults(tally)).items():
        for line in lines:
            console.print(f"{what}: {line}", markup=False, highlight=False)


def _faults(tally: Tally) -> dict[str, list[str]]:
    return {"unread": tally.unread, "broken": tally.broken}


def doctor(as_json: Json = False) -> None:
    """Is everything here that is needed, and does it answer? Exit code 1 if something is wrong.

    Example: medpulse doctor --json
    """
    from medpulse import doctor as checks

    found = asyncio.run(checks.examine())
    print_rows([check.row() for check in found], as_json=as_json)
    if not all(check.well for check in found):
        raise typer.Exit(1)


COMMANDS = (up, run, demo, replay, doctor)
