"""``medpulse schemas``: the published contract, written from the models or held to them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from events.publish import differences, write
from medpulse.errors import Failure
from medpulse.output import console

ROOT = Path(__file__).resolve().parents[2]


def schemas(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file differs from the models.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="The folder that holds events/ and docs/.")] = ROOT,
) -> None:
    """Write the JSON Schemas, the AsyncAPI document and the data dictionary from the models.

    Example: medpulse schemas --check
    """
    if check:
        found = differences(folder)
        if found:
            raise Failure(f"{'; '.join(found)}: run `medpulse schemas` and commit what it writes")
        console.print("the published contract agrees with the models")
        return
    for path in write(folder):
        console.print(str(path), markup=False)


COMMANDS = (schemas,)
