"""``medpulse metrics``: the numbers of the sector, for any day."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated

import typer

from events.clock import SystemClock, shanghai_day
from events.view.catalog import METRICS, UnknownMetric, check_dim, metric
from events.view.reader import View
from events.view.series import WINDOWS
from medpulse.backends import store
from medpulse.output import print_json, print_rows
from medpulse.settings import settings

app = typer.Typer(no_args_is_help=True, help="The sector's metrics, for any day.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list", epilog="Example: medpulse metrics list --json")
def list_metrics(as_json: Json = False) -> None:
    """The metrics there are, with their dimensions and meaning."""
    rows = [
        {
            "name": spec.name,
            "measure": spec.measure.value,
            "unit": spec.unit,
            "by": ", ".join([*spec.dims, *filter(None, [spec.states])]),
            "meaning": spec.en,
            "meaning_zh": spec.zh,
        }
        for spec in METRICS.values()
    ]
    print_rows(rows, as_json=as_json)


@app.command("get", epilog="Example: medpulse metrics get class3_certificates --by scenario --as-of 2022-09-01")
def get(
    name: str,
    by: Annotated[str | None, typer.Option(help="Group by this dimension.")] = None,
    window: Annotated[str, typer.Option(help=f"One of {', '.join(WINDOWS)}.")] = "cumulative",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day in Shanghai; today if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The value of a metric on a day, or a table of it by one dimension."""
    if window not in WINDOWS:
        raise UnknownMetric(f"no window is called {window!r}; there are {', '.join(WINDOWS)}")
    spec = metric(name)
    if by is not None:
        check_dim(spec, by)
    day = shanghai_day(SystemClock().now()) if as_of is None else as_of.date()
    asked = {"metric": spec.name, "unit": spec.unit, "window": window, "as_of": day.isoformat()}
    total, rows, names = asyncio.run(_read(name, by, day, window))
    if as_json:
        print_json(asked | {"value": total} | ({} if by is None else {"by": by, "values": rows}))
    elif by is None:
        print_rows([asked | {"value": total}], as_json=False)
    else:
        table = [{by: names.get(value, value), "value": amount} for value, amount in rows.items()]
        print_rows(table, as_json=False, title=f"{spec.en}, {window} to {day}: {total}")


async def _read(name: str, by: str | None, day: date, window: str) -> tuple[int, dict[str, int], dict[str, str]]:
    async with store(settings()) as redis:
        view = View(redis)
        total = await view.value(name, day, within=window)
        rows = {} if by is None else await view.table(name, by, day, window)
        return total, rows, await view.names()
