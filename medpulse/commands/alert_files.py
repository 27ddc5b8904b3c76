"""``medpulse alerts check | test | drill``: files that can be used, routes that lead where they should, receivers that hear.

The alerts are imported where they are used: their channels cost seconds of a processor, which no other command should pay.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alerts.configuration import ConfigurationError
from events.clock import SystemClock
from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import print_rows
from medpulse.person import me
from medpulse.settings import settings

if TYPE_CHECKING:
    from alerts.cases import Verdict
    from alerts.drill import Drilled

Receivers = Annotated[Path | None, typer.Option(help="The receivers file.", show_default="that of the settings")]


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``medpulse alerts`` that is written here."""

    name: str
    example: str
    run: Callable[..., None]


def check_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Rules, routes, receivers, subscriptions, cases.")
    ],
    receivers: Receivers = None,
    as_json: Json = False,
) -> None:
    """Whether files can be used; what is wrong is said with its line and a remedy. Exit code 1 if anything is."""
    ids = _ids(receivers)
    rows = [_checked(path, ids) for path in files]
    print_rows(rows, as_json=as_json)
    if not all(row["ok"] for row in rows):
        raise typer.Exit(1)


def play_cases(
    files: Annotated[list[Path], typer.Argument(metavar="CASES...", help="Files of [[case]] tables.")],
    routes: Annotated[Path | None, typer.Option(help="The routes file.", show_default="that of the settings")] = None,
    receivers: Receivers = None,
    as_json: Json = False,
) -> None:
    """Play routing cases: an alert goes in, receivers and reason come out. Exit code 1 if one is not as expected."""
    from alerts.cases import judged, load_cases  # noqa: PLC0415
    from alerts.routes import DEFAULT_ROUTES, load_routes  # noqa: PLC0415
    from alerts.subscriptions import load_subscriptions, routes_of  # noqa: PLC0415

    own, ids = settings(), _ids(receivers)
    routing = load_routes(
        routes or own.routes or DEFAULT_ROUTES, ids, routes_of(load_subscriptions(own.subscriptions, ids))
    )
    verdicts = [judged(case, routing) for path in files for case in load_cases(path)]
    print_rows([_verdict(one) for one in verdicts], as_json=as_json, empty="no cases in these files")
    if not verdicts or any(one.wrong for one in verdicts):
        raise typer.Exit(1)


def drill_receivers(
    only: Annotated[
        list[str] | None, typer.Argument(metavar="RECEIVER...", help="Only these; all if none is named.")
    ] = None,
    author: Annotated[str, typer.Option("--author", "-a", help="Who you are.", show_default="your log-in")] = "",
    as_json: Json = False,
) -> None:
    """Send a message that says it is a drill to every receiver, now. Exit code 1 if one did not take it."""
    done = asyncio.run(_drill(only or [], author or me()))
    rows = [{"receiver": d.receiver, "channel": d.channel, "taken": d.taken, "answer": d.answer} for d in done]
    print_rows(rows, as_json=as_json)
    if not all(one.taken for one in done):
        raise typer.Exit(1)


COMMANDS = (
    Command("check", "Example: medpulse alerts check rules.toml routes.toml", check_files),
    Command("test", "Example: medpulse alerts test deploy/config/cases.toml", play_cases),
    Command("drill", "Example: medpulse alerts drill team-slack", drill_receivers),
)


async def _drill(only: list[str], author: str) -> list[Drilled]:
    from alerts.drill import drill  # noqa: PLC0415
    from alerts.ledger import Ledger  # noqa: PLC0415
    from alerts.opening import open_receivers  # noqa: PLC0415
    from alerts.receivers import load_receivers  # noqa: PLC0415

    own, clock = settings(), SystemClock()
    async with store(own) as redis:
        receivers = open_receivers(load_receivers(own.receivers), os.environ, clock, redis=redis)
        known = [receiver.id for receiver in receivers]
        if unknown := [name for name in only if name not in known]:
            raise Failure(f"no receiver is called {unknown[0]!r}; there are {', '.join(known)}")
        chosen = [receiver for receiver in receivers if not only or receiver.id in only]
        return await drill(chosen, Ledger(redis), clock, author)


def _ids(path: Path | None) -> list[str]:
    from alerts.receivers import load_receivers  # noqa: PLC0415

    return [receiver.id for receiver in load_receivers(path or settings().receivers)]


def _checked(path: Path, ids: list[str]) -> dict[str, object]:
    from alerts.checking import check  # noqa: PLC0415

    try:
        return {"file": str(path), "ok": True, "said": check(path, ids)}
    except ConfigurationError as error:
        return {"file": str(path), "ok": False, "said": str(error)}


def _verdict(one: Verdict) -> dict[str, object]:
    told = ", ".join(f"{o.receiver} ({o.told}, route {o.route})" for o in one.outcomes if o.told)
    kept = "; ".join(f"{o.receiver}: {o.muted}" for o in one.outcomes if not o.told)
    return {"case": one.case.id, "ok": not one.wrong, "told": told, "kept_back": kept, "wrong": "; ".join(one.wrong)}
