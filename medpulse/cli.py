"""The command ``medpulse``: its sub-commands, and the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer
from rich.text import Text

from medpulse.commands import (
    archive,
    catch_up,
    dlq,
    events,
    extract,
    imports,
    metrics,
    run,
    schemas,
    sources,
    text,
    truth,
)
from medpulse.errors import expected, in_words
from medpulse.logs import configure
from medpulse.output import errors
from medpulse.settings import SettingsError, settings

app = typer.Typer(
    name="medpulse",
    help="Event-driven monitor of China's medical-AI sector.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Try: medpulse demo",
)
app.add_typer(events.app, name="events")
app.add_typer(dlq.app, name="dlq")
app.add_typer(metrics.app, name="metrics")
app.add_typer(sources.app, name="sources")
app.add_typer(archive.app, name="archive")
for command in (
    *run.COMMANDS,
    *catch_up.COMMANDS,
    *imports.COMMANDS,
    *text.COMMANDS,
    *extract.COMMANDS,
    *schemas.COMMANDS,
    *truth.COMMANDS,
):
    app.command()(command)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    debug = False
    try:
        with suppress(SettingsError):  # a command that needs them says so; `doctor` and `explain` go on without
            found = settings()
            debug = found.debug
            configure(found)
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    # An error that nobody foresaw is raised again as it is.
    except Exception as error:
        told = None if debug else expected(error)
        if told is None:
            raise
        errors.print(Text.assemble(("medpulse: ", "bold red"), in_words(told)), soft_wrap=True)
        sys.exit(1)
