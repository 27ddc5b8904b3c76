"""The command ``medpulse``: all of its sub-commands."""

from __future__ import annotations

import typer

from medpulse.commands import (
    alerts,
    archive,
    catch_up,
    digest,
    dlq,
    events,
    extract,
    metrics,
    run,
    schemas,
    sources,
    text,
    truth,
)
from medpulse.front import in_front_of

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
app.add_typer(digest.app, name="digest")
app.add_typer(alerts.app, name="alerts")
for command in (
    *run.COMMANDS,
    *catch_up.COMMANDS,
    *text.COMMANDS,
    *extract.COMMANDS,
    *schemas.COMMANDS,
    *truth.COMMANDS,
):
    app.command()(command)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    in_front_of(app)
