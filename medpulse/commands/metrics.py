"""``medpulse metrics``: the numbers of the sector, for any day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated

import typer

from events.clock import SystemClock, shanghai_day
from events.view.catalog import CATALOG, DERIVED, UnknownMetric, check_dim, dimensions, measure
from events.view.derived.spec import Value
from events.view.reader import View
from events.view.series import WINDOWS
from medpulse.backends import store
from medpulse.output import errors, print_json, print_rows
from medpulse.settings import settings

app = typer.Typer(no_args_is_help=True, help="The sector's metrics, for any day.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Shown = int | str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a metric, the rows that count, what to group by, the window and the day."""

    name: str
    where: Mapping[str, str]
    by: str | None
    window: str
    day: date


@app.command("list", epilog="Example: medpulse metrics list --json")
def list_metrics(as_json: Json = False) -> None:
    """The metrics there are, base and derived, with their dimensions and meaning. Each can be read in every window."""
    rows = [
        {
            "name": spec.name,
            "measure": measure(spec),
            "unit": spec.unit,
            "by": ", ".join(dimensions(spec)),
            "meaning": spec.en,
            "meaning_zh": spec.zh,
        }
        for spec in CATALOG.values()
    ]
    if as_json:
        print_json([row | {"derived": row["name"] in DERIVED, "windows": list(WINDOWS)} for row in rows])
    else:
        print_rows(rows, as_json=False)


@app.command(
    "get",
    epilog="Example: medpulse metrics get class3_certificates --by scenario --as-of 2022-09-01; "
    "medpulse metrics get funnel_products --by step --dim scenario=ct_ffr",
)
def get(
    name: str,
    by: Annotated[str | None, typer.Option(help="Group by this dimension.")] = None,
    dim: Annotated[
        list[str] | None, typer.Option(help="Count only what has this value, as NAME=VALUE; may be repeated.")
    ] = None,
    window: Annotated[str, typer.Option(help=f"One of {', '.join(WINDOWS)}.")] = "cumulative",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day in Shanghai; today if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The value of a metric on a day, or a table of it by one dimension. A note says why one is ``null``."""
    day = shanghai_day(SystemClock().now()) if as_of is None else as_of.date()
    question = Question(name, dict(_pair(text) for text in dim or ()), by, window, day)
    _check(question)
    spec = CATALOG[name]
    asked = {"metric": name, "unit": spec.unit, "window": window, "as_of": day.isoformat()}
    where = {"dims": dict(question.where)} if question.where else {}
    total, rows, names, note = asyncio.run(_read(question))
    if as_json:
        grouped = {} if by is None else {"by": by, "values": rows}
        print_json(asked | where | {"value": total} | grouped | ({"note": note} if note else {}))
        return
    if by is None:
        print_rows([asked | dict(question.where) | {"value": _cell(total)}], as_json=False)
    else:
        table = [{by: names.get(value, value), "value": _cell(amount)} for value, amount in rows.items()]
        print_rows(table, as_json=False, title=f"{spec.en}, {window} to {day}: {_cell(total)}")
    if note:
        errors.print(f"{name} tells nothing here: {note}", markup=False, highlight=False, soft_wrap=True)


def shown(value: Value) -> Shown:
    """A value as JSON and tables have it: a fraction as an exact decimal where there is one, else as ``n/d``."""
    if not isinstance(value, Fraction):
        return value
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    places = next(n for n in range(value.denominator) if 10**n % value.denominator == 0)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def _cell(value: Shown) -> int | str:
    return "–" if value is None else value


def _pair(text: str) -> tuple[str, str]:
    name, equals, wanted = text.partition("=")
    if not (name and equals and wanted):
        raise UnknownMetric(f"--dim wants NAME=VALUE, such as company=keya, not {text!r}")
    return name, wanted


def _check(question: Question) -> None:
    """Raises `UnknownMetric`, before anything is read."""
    if question.window not in WINDOWS:
        raise UnknownMetric(f"no window is called {question.window!r}; there are {', '.join(WINDOWS)}")
    if question.name not in CATALOG:
        raise UnknownMetric(f"no metric is called {question.name!r}; there are {', '.join(CATALOG)}")
    for one in (*question.where, *filter(None, [question.by])):
        check_dim(CATALOG[question.name], one)
    if question.by and question.where and question.name not in DERIVED:
        raise UnknownMetric(f"{question.name} is kept by one dimension at a time: give --by or --dim, not both")


async def _read(asked: Question) -> tuple[Shown, dict[str, Shown], dict[str, str], str]:
    async with store(settings()) as redis:
        view = View(redis)
        total: Value
        rows: Mapping[str, Value] = {}
        note = ""
        if asked.name in DERIVED:
            total = await view.derived(asked.name, asked.day, asked.where, asked.window)
            if asked.by:
                rows = await view.derived_table(asked.name, asked.by, asked.day, asked.where, asked.window)
            if total is None:
                note = await view.untold(asked.name, asked.day, asked.where, asked.window)
        else:
            total = await view.value(asked.name, asked.day, asked.where, asked.window)
            if asked.by:
                rows = await view.table(asked.name, asked.by, asked.day, asked.window)
        return shown(total), {key: shown(one) for key, one in rows.items()}, await view.names(), note
