"""``medpulse sources``: the catalogue, the health of each source, and a poll by hand."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from events.clock import SHANGHAI, SystemClock
from events.messages import SourceHealth
from events.view.reader import View
from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.output import print_json, print_rows
from medpulse.scraping import chosen, dry_runner
from medpulse.settings import settings
from scrapers.runner import PollReport
from scrapers.source import catalog

app = typer.Typer(no_args_is_help=True, help="What is polled, and how it is.")


@app.command("list", epilog="Example: medpulse sources list --json")
def list_sources(as_json: Json = False) -> None:
    """The sources of the catalogue with their last poll."""
    health = asyncio.run(_health())
    rows = []
    for source in catalog().values():
        last = health.get(source.id)
        rows.append(
            {
                "id": source.id,
                "name": source.name,
                "name_zh": source.name_zh,
                "publisher": source.publisher,
                "platform": source.platform,
                "cadence_seconds": source.cadence,
                "status": source.status,
                "tls_exception": source.tls_exception,
                "state": last.state.value if last else None,
                "last_outcome": last.outcome.value if last else None,
                "last_poll": last.at.astimezone(SHANGHAI).isoformat(timespec="seconds") if last else None,
                "home": source.home,
            }
        )
    shown = ("id", "name", "platform", "cadence_seconds", "state", "last_outcome", "last_poll")
    print_rows(rows if as_json else [{key: row[key] for key in shown} for row in rows], as_json=as_json)


@app.command("check", epilog="Example: medpulse sources check fda-ai-list")
def check(
    source: Annotated[str, typer.Argument(help="A source of the catalogue.")],
    as_json: Json = False,
) -> None:
    """One dry poll of the real site: what it answered and which notices it holds. Nothing is published or remembered."""
    report = asyncio.run(_dry(source))
    if as_json:
        said = report.health.model_dump(mode="json")
        print_json(said | {"notices": [notice.model_dump(mode="json") for notice in report.notices]})
    else:
        seen: dict[str, object] = {"source": source, "outcome": report.outcome.value, "items": report.items_seen}
        print_rows([seen | {"detail": report.detail}], as_json=False)
        print_rows(
            [{"published": n.published_at, "title": n.title} for n in report.notices[:20]], as_json=False, empty=""
        )
    if not report.outcome.healthy:
        raise typer.Exit(1)


async def _health() -> dict[str, SourceHealth]:
    async with store(settings()) as redis:
        return {health.source_id: health for health in await View(redis).health()}


async def _dry(source_id: str) -> PollReport:
    (source,) = chosen((source_id,))
    async with dry_runner(settings(), SystemClock()) as runner:
        return await runner.poll(source)
