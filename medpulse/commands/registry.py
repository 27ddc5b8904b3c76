"""``medpulse registry``: who is who and what words mean, as files that a person edits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from events.view import layout
from events.view.reader import View
from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_rows
from medpulse.settings import settings
from streams.enrich import files
from streams.enrich.checked import faults
from streams.enrich.register import propose, register, resolve_company

app = typer.Typer(no_args_is_help=True, help="The register of companies and products, and the taxonomy: files to edit.")
UNKNOWN = "company:"
"""How the ids of companies begin that the register does not have."""


@app.command("check", epilog="Example: medpulse registry check my-companies.toml")
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A taxonomy, companies or products file; those in use if left out.")
    ] = None,
    companies: Annotated[Path | None, typer.Option(help="The companies that a products file is held against.")] = None,
    as_json: Json = False,
) -> None:
    """Hold a file against what medpulse takes; each fault with its line. Exit code 1 if there is one."""
    looked = [file] if file else [files.path(name) for name in files.NAMES]
    rows: list[dict[str, object]] = []
    for one in looked:
        try:
            rows += [{"file": str(one), "line": fault.line, "fault": fault.text} for fault in faults(one, companies)]
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{one} cannot be read: {error}") from error
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            errors.print(f"{row['file']}:{row['line']}: {row['fault']}", markup=False, highlight=False, soft_wrap=True)
        if not rows:
            console.print(f"{', '.join(map(str, looked))}: in order", markup=False, highlight=False, soft_wrap=True)
    if rows:
        raise typer.Exit(1)


@app.command("proposals", epilog="Example: medpulse registry proposals --json")
def proposals(as_json: Json = False) -> None:
    """Companies that the register does not have and whose names are near to one that it has. Nothing is merged.

    To accept one, add the name to `names` of that company in your companies.toml (MEDPULSE_COMPANIES), then run
    `medpulse enrich --rerun`.
    """
    found = asyncio.run(_unknown())
    rows: list[dict[str, object]] = []
    for ident, name in sorted(found.items()):
        rows += [
            {"id": ident, "name": name, "near": n.id, "like": n.near, "likeness": n.likeness} for n in propose(name)
        ]
    rows.sort(key=lambda row: (-float(str(row["likeness"])), str(row["id"])))
    print_rows(
        rows, as_json=as_json, empty=f"no proposals: {len(found)} companies are new, none is near to a known one"
    )


@app.command("resolve", epilog='Example: medpulse registry resolve "北京数坤科技股份有限公司"')
def resolve(name: Annotated[str, typer.Argument(help="The name of a company.")], as_json: Json = False) -> None:
    """Which company a name is: its entity, its group, and what is near to it where the register does not have it."""
    if not name.strip():
        raise Failure("a company needs a name")
    ref = resolve_company(name)
    known = register().companies.get(ref.id)
    near = [f"{one.id} ({one.likeness})" for one in propose(name)]
    said: dict[str, object] = {"id": ref.id, "name": ref.name, "china": ref.china, "registered": known is not None}
    said |= {"group": known.group if known else None, "stock_codes": list(known.stock_codes) if known else []}
    if as_json:
        print_json(said | {"near": near})
    else:
        print_rows([said | {"near": ", ".join(near)}], as_json=False)


async def _unknown() -> dict[str, str]:
    """The companies of the live view that the register does not have: id → name."""
    async with store(settings()) as redis:
        found = await redis.hgetall(layout.entities(await View(redis).name()))
    return {ident: layout.text(name) for raw, name in found.items() if (ident := layout.text(raw)).startswith(UNKNOWN)}
