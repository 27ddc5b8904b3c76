"""``medpulse sources``: the catalogue, the health of each source, and a poll by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from events.base import Precision
from events.clock import SHANGHAI, SystemClock
from events.messages import SourceHealth
from events.notice import Notice
from events.view.reader import View
from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.output import console, errors, print_json, print_rows
from medpulse.scraping import chosen
from medpulse.settings import settings
from scrapers.source import Source, catalog

if TYPE_CHECKING:
    from scrapers.look import Look
    from scrapers.runner import PollReport

app = typer.Typer(no_args_is_help=True, help="What is polled, and how it is.")
Id = Annotated[str, typer.Argument(help="A source of the catalogue: see `medpulse sources list`.")]
_WIDE = ("id", "name", "platform", "cadence_seconds", "polled", "status", "state", "last_outcome", "last_poll")
_MOST = 20
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


@app.command("list", epilog="Example: medpulse sources list --json")
def list_sources(
    wide: Annotated[bool, typer.Option("--wide", help="With names, outcomes and whole times.")] = False,
    as_json: Json = False,
) -> None:
    """Every source of the catalogue: its platform, how often it is polled, whether it is polled here, and how it is.

    A source of status `unverified` is polled only where MEDPULSE_SOURCES names it. One with a TLS exception is asked though its
    certificate bears another name, for the reason that is given. Times are Shanghai's.
    """
    health = asyncio.run(_health())
    polled = {source.id for source in chosen(settings().chosen_sources)}
    rows = [_listed(source, health.get(source.id), source.id in polled) for source in catalog().values()]
    if as_json:
        print_json(rows)
        return
    shown = [{key: row[key] for key in _WIDE} if wide else _brief(row) for row in rows]
    print_rows(shown, as_json=False, whole=("id", "platform", "polled", "last_poll", "state"))
    platforms = len({str(row["platform"]) for row in rows})
    console.print(f"\n{len(rows)} sources on {platforms} platforms, {len(polled)} polled here", highlight=False)
    excepted = [row for row in rows if row["tls_exception"]]
    if excepted:
        console.print("\nThe name in the certificate is not checked for:", highlight=False)
        print_rows([{"id": row["id"], "why": row["tls_exception"]} for row in excepted], as_json=False)


@app.command("health", epilog="Example: medpulse sources health --json")
def show_health(as_json: Json = False) -> None:
    """How each source is: its state, bad polls in a row, when it last had something new, and whether that is too long ago."""
    health = asyncio.run(_health())
    rows = [_standing(one) for _, one in sorted(health.items())]
    if not as_json:
        rows = [{name: value for name, value in row.items() if name not in {"url", "replaced"}} for row in rows]
    print_rows(rows, as_json=as_json, empty="no source has been polled yet: `medpulse up` polls them")
    for owner, spool in asyncio.run(_spools()).items():
        waits = f"since {spool['since']} {spool['batches']} batches ({spool['bytes']} bytes) wait on disk and follow in order"
        errors.print(f"Kafka is away: {waits} ({owner})", markup=False, highlight=False, soft_wrap=True)


@app.command("schedule", epilog="Example: medpulse sources schedule cmde-guidance --json")
def schedule(
    source: Annotated[str | None, typer.Argument(help="One source, in detail.")] = None, as_json: Json = False
) -> None:
    """When each source is polled next, and why: its share of the budget of polls, and the rhythm that places them.

    The budget of all together is MEDPULSE_POLLS_PER_DAY, or what their cadences add up to; MEDPULSE_SCHEDULE=cadence polls
    evenly. With a source, also today's timetable as long as nothing happens, and the items expected in each hour (Shanghai).
    """
    from medpulse import planning  # noqa: PLC0415 (learning a rhythm is slow to import and to do)

    found = asyncio.run(planning.schedules(settings(), source, SystemClock().now()))
    if as_json:
        print_json(found)
        return
    print_rows([{name: row[name] for name in planning.SHOWN} for row in found], as_json=False)
    if source is not None and (hours := found[0]["items_by_hour"]):
        console.print(f"\ntoday's polls: {', '.join(map(str, found[0]['timetable']))}", highlight=False, soft_wrap=True)
        print_rows(hours, as_json=False, title="items expected in each hour")


@app.command("poll", epilog="Example: medpulse sources poll fda-ai-list --json")
def poll(source: Id, as_json: Json = False) -> None:
    """Poll a source now, and publish what is new.

    Exit code by the outcome: 0 new, unchanged or empty; 10 drifted, 11 challenged, 12 throttled, 13 refused, 14 outage,
    15 malformed.
    """
    from medpulse import polling  # noqa: PLC0415 (brings every room: `list` does without)

    report = asyncio.run(polling.poll(settings(), source))
    if as_json:
        print_json(report.health.model_dump(mode="json") | {"notices": _notices(report)})
    else:
        _print_report(report)
    raise typer.Exit(polling.EXIT[report.outcome])


@app.command("check", epilog="Example: medpulse sources check fda-ai-list")
def check(source: Id, as_json: Json = False) -> None:
    """One dry poll of the real site, with everything it saw: nothing is published or remembered. Exit code 1 if it was bad.

    Each request with its status, size, time and encoding, what robots.txt says, the items found and how full their fields are,
    and the outcome with its reason.
    """
    from medpulse import polling  # noqa: PLC0415 (brings every room: `list` does without)

    report, look = asyncio.run(polling.look(settings(), source, SystemClock()))
    if as_json:
        said: dict[str, object] = report.health.model_dump(mode="json")
        said |= {"robots": {"verdict": look.robots_verdict(), "requests": look.robots}, "requests": look.requests}
        print_json(said | {"filled": look.filled(), "notices": _notices(report)})
    else:
        _print_look(look)
        _print_report(report)
    if not report.outcome.healthy:
        raise typer.Exit(1)


def _listed(source: Source, last: SourceHealth | None, polled: bool) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "name_zh": source.name_zh,
        "publisher": source.publisher,
        "platform": source.platform,
        "home": source.home,
        "cadence_seconds": source.cadence,
        "delay_seconds": source.delay,
        "timezone": source.timezone,
        "encoding": source.encoding,
        "details": source.details,
        "never_empty": source.never_empty,
        "required": list(source.required),
        "expected_items": source.expected_items,
        "withdrawn_after": source.withdrawn_after,
        "status": source.status,
        "polled": polled,
        "tls_exception": source.tls_exception,
        "state": last.state.value if last else None,
        "overdue": last.overdue if last else None,
        "last_outcome": last.outcome.value if last else None,
        "last_poll": _time(last.at) if last else None,
    }


def _brief(row: Mapping[str, object]) -> dict[str, object]:
    """A row of the list as it fits on eighty columns."""
    seconds = int(str(row["cadence_seconds"]))
    every = next((f"{seconds // unit} {name}" for unit, name in _UNITS if seconds % unit == 0), f"{seconds} s")
    said = "yes" if row["polled"] else "no" if row["status"] == "verified" else str(row["status"])
    last = str(row["last_poll"] or "")
    brief = {"id": row["id"], "platform": row["platform"], "every": every, "polled": said}
    return brief | {"last_poll": last[5:16].replace("T", " "), "state": row["state"] or ""}


def _standing(health: SourceHealth) -> dict[str, object]:
    return {
        "id": health.source_id,
        "state": health.state.value,
        "outcome": health.outcome.value,
        "bad_in_a_row": health.bad_in_a_row,
        "last_poll": _time(health.at),
        "last_new": _time(health.last_new_at),
        "expected_by": _time(health.expected_by),
        "overdue": health.overdue,
        "items": health.items_seen,
        "expected_items": health.expected_items,
        "replaced": health.replaced,
        "next_poll": _time(health.next_poll_at),
        "detail": health.detail,
        "url": health.url,
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None


def _notices(report: PollReport) -> list[dict[str, object]]:
    return [notice.model_dump(mode="json") for notice in report.notices]


def _print_report(report: PollReport) -> None:
    seen: dict[str, object] = {"source": report.source_id, "outcome": report.outcome.value, "items": report.items_seen}
    print_rows([seen | {"new": report.items_new, "detail": report.detail}], as_json=False)
    shown = [{"published": _published(n), "withdrawn": n.retracted or "", "title": n.title} for n in report.notices]
    if shown:
        print_rows(shown[:_MOST], as_json=False)
    if len(shown) > _MOST:
        console.print(f"and {len(shown) - _MOST} more: --json shows them all", highlight=False)


def _published(notice: Notice) -> str:
    """When a notice was published, in Shanghai; the day alone where no more is known."""
    at = _time(notice.published_at) or ""
    return at[:10] if notice.published_precision is Precision.DAY else at


def _print_look(look: Look) -> None:
    names = ("status", "bytes", "ms", "encoding", "replaced", "items", "details", "url", "error")
    said = [name for name in names if any(row.get(name) for row in look.requests)]
    requests: list[Mapping[str, object]] = [{name: row.get(name) for name in said} for row in look.requests]
    print_rows(requests, as_json=False, empty="nothing was asked")
    for following in dict.fromkeys(row.get("next_page") for row in look.requests):
        if following:
            console.print(f"next page: {following}", markup=False, highlight=False, soft_wrap=True)
    console.print(look.robots_verdict(), highlight=False)
    if filled := look.filled():
        shares = ", ".join(f"{name} {share:.0%}" for name, share in filled.items())
        console.print(f"filled: {shares}", highlight=False, soft_wrap=True)


async def _spools() -> dict[str, dict[str, object]]:
    async with store(settings()) as redis:
        return await View(redis).spools()


async def _health() -> dict[str, SourceHealth]:
    async with store(settings()) as redis:
        return {health.source_id: health for health in await View(redis).health()}
