"""The time-lapse: the rooms on embedded servers, the simulator in place of the network, a virtual clock in place of ours."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

import orjson
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alerts.ledger import outbox
from alerts.ledger.groups import GroupStore
from alerts.receivers import load_receivers
from events.clock import SystemClock, VirtualClock, shanghai_day
from events.notice import Notice
from events.tracing import export
from events.view.reader import View
from events.wire import envelopes
from medpulse.backends import Backends
from medpulse.embedded.running import AlreadyRunning, find_running
from medpulse.embedded.servers import embedded_servers
from medpulse.house import House, drained, house
from medpulse.output import console, errors, print_rows
from medpulse.report import figures, sector_report
from medpulse.rooms import run_alerts, run_board, stop_on_signal, together, worker_child
from medpulse.scraping import runner
from medpulse.settings import Settings
from scrapers.manual.reading import read_table
from scrapers.room import ScraperRoom
from scrapers.source import Source, catalog
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport

START = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2022, 9, 18, 16, tzinfo=UTC)
"""The last facts are of 15 September: by now every source, polled every other day give or take some hours, was asked again."""
DAY_SECONDS = 86_400
STRIDE = timedelta(minutes=20)
LAST_GROUPS = timedelta(minutes=10)
IN_DEMO = (
    *(
        "bse-ipo",
        "cmde-guidance",
        "cninfo",
        "fda-ai-list",
        "hkex-applications",
        "hkex-latest",
        "nhsa-notices",
        "nhsa-policy",
    ),
    *("nhsa-price-guides", "nmpa-delivery", "sse-ipo", "szse-ipo"),
)
"""The sources that published what the report counts; the town has more, which the time-lapse does without."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    once: bool
    headless: bool
    as_of: date
    json_file: Path | None


class WatchedClock:
    """The time of the time-lapse for those who watch it: they read the virtual clock, and wait on the machine's."""

    def __init__(self, virtual: VirtualClock) -> None:
        self._virtual = virtual
        self._real = SystemClock()

    def now(self) -> datetime:
        return self._virtual.now()

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


async def demo(settings: Settings, options: Options) -> None:
    """Run the time-lapse, print the sector table, and keep the board up unless ``once``.

    Its data folder is ``demo`` in that of the settings, emptied first. Raises what servers and rooms raise.
    """
    folder = settings.home.absolute() / "demo"
    if running := find_running(folder):
        raise AlreadyRunning(f"a demo is already running on {folder}, pid {running.pid}")
    shutil.rmtree(folder, ignore_errors=True)
    settings = settings.model_copy(update={"home": folder, "kafka": None, "redis": None})
    virtual = VirtualClock(START)
    export("demo")
    with stop_on_signal() as stop, _progress() as progress:
        async with embedded_servers(folder) as servers:
            found = Backends(servers.bootstrap, servers.redis_url, idempotent=False, attended=False)
            async with house(settings, found, WatchedClock(virtual)) as home:
                rooms = [worker_child(home).run(stop), run_alerts(home, stop, progress.console)]
                if not options.headless:
                    rooms.append(run_board(home, stop, lambda url: _board_is_up(url, servers.announce, progress)))
                await together(stop, *rooms, _lapse(home, virtual, options, progress, stop))


async def _lapse(home: House, virtual: VirtualClock, options: Options, progress: Progress, stop: asyncio.Event) -> None:
    town = TownTransport(Town(facts(), virtual))
    scrapers = House(home.settings, home.backends, home.redis, home.publisher, virtual)
    async with runner(scrapers, town) as made:
        room = ScraperRoom(made, sources(), seed=1)
        finished = asyncio.Event()
        polling = asyncio.create_task(room.run(finished))
        try:
            await _drive(room, virtual, home, progress, stop)
        finally:
            finished.set()
            await polling
    if stop.is_set():
        return
    for notices in rounds(virtual.now()):
        await home.publisher.send_until_done(envelopes(notices[0].source_id, notices), stage="import")
    await drained(home, stop)
    # What has arrived stands in its group; groups wait for more before they are told: time goes on for as long as that takes.
    await told(home, stop)
    await virtual.advance_to(END + LAST_GROUPS)
    await told(home, stop)
    await _show(home, options, progress)
    if not options.once:
        await stop.wait()


async def _drive(room: ScraperRoom, clock: VirtualClock, home: House, progress: Progress, stop: asyncio.Event) -> None:
    """Move the clock from one waking to the next, each time only when nobody works any more."""
    task = progress.add_task("", total=(END - START).days)
    view, shown = View(home.redis), clock.now()
    while not stop.is_set():
        await room.settled()
        wake = clock.next_wake()
        if wake is None or wake > END:
            break
        # Sites that are due within minutes of one another are polled side by side, as they would be in life.
        await clock.advance_to(wake + STRIDE)
        if wake - shown >= timedelta(days=5):
            shown, day = wake, shanghai_day(wake)
            certificates = await view.value("class3_certificates", day)
            said = f"{day}  {certificates} Class III AI certificates"
            progress.update(task, completed=(wake - START).days, description=said)
    await clock.advance_to(END)
    progress.update(task, completed=(END - START).days, description="waiting until everything has been processed")


async def told(home: House, stop: asyncio.Event) -> None:
    """Return once every alert stands in its group, and nothing is left to be told now."""
    boxes = [outbox(receiver.id) for receiver in load_receivers(home.settings.receivers)]
    groups = GroupStore(home.redis)
    while not stop.is_set():
        waiting = await groups.busy(home.clock.now()) or any([await home.redis.zcard(box) for box in boxes])
        if not waiting:
            return
        await asyncio.sleep(0.1)


async def _show(home: House, options: Options, progress: Progress) -> None:
    progress.stop()
    report = await sector_report(View(home.redis), options.as_of)
    title = f"The sector on {options.as_of}, from {await View(home.redis).count_events()} events"
    print_rows(figures(report), as_json=False, title=title)
    for section, keys in report.items():
        if why := keys.get("not_computed"):
            console.print(f"[dim]{section}: not computed; {why}[/dim]", highlight=False)
    if options.json_file is not None:
        options.json_file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if not options.once:
        ask = f"medpulse metrics get class3_certificates --by scenario --as-of {options.as_of}"
        console.print("The demo stays up: Ctrl-C ends it. Ask it from another terminal, for example", highlight=False)
        console.print(f"  MEDPULSE_HOME={home.settings.home} .venv/bin/{ask}", highlight=False, soft_wrap=True)


def rounds(now: datetime) -> list[tuple[Notice, ...]]:
    """The tables of financing rounds among the facts, as `medpulse import` reads them: public and illustrative ones."""
    tables = []
    for name, illustrative in (("rounds.csv", False), ("rounds_illustrative.csv", True)):
        content = resources.files("simulator").joinpath("facts", name).read_bytes()
        found = read_table(content, now, "rounds")
        tables.append(tuple(n.model_copy(update={"illustrative": illustrative}) for n in found.notices))
    return tables


def sources() -> list[Source]:
    """The sources of the demo, polled every other virtual day.

    In January 2020 a list may be empty, and the town needs no pause between two requests.
    """
    changed = {"cadence": 2 * DAY_SECONDS, "never_empty": False, "delay": 0.0}
    return [catalog()[name].model_copy(update=changed) for name in IN_DEMO]


def _board_is_up(url: str, announce: object, progress: Progress) -> None:
    if callable(announce):
        announce(url)
    progress.console.print(f"the board is at {url}", highlight=False)


def _progress() -> Progress:
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=errors)
