"""The command ``medpulse``: its sub-commands, and the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import sys

import typer

from medpulse.commands import events, metrics, run, schemas, sources, text
from medpulse.errors import EXPECTED, in_words
from medpulse.logs import configure
from medpulse.output import errors
from medpulse.settings import settings

app = typer.Typer(
    name="medpulse",
    help="Event-driven monitor of China's medical-AI sector.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Try: medpulse demo",
)
app.add_typer(events.app, name="events")
app.add_typer(metrics.app, name="metrics")
app.add_typer(sources.app, name="sources")
for command in (*run.COMMANDS, *text.COMMANDS, *schemas.COMMANDS):
    app.command()(command)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    debug = False
    try:
        found = settings()
        debug = found.debug
        configure(found)
        app()
    except EXPECTED as error:
        if debug:
            raise
        errors.print(f"[bold red]medpulse:[/bold red] {_plain(in_words(error))}", soft_wrap=True, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _plain(message: str) -> str:
    return message.replace("[", "\\[")
