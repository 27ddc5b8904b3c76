"""The command ``medpulse``: all of its sub-commands, each imported only when it is asked for.

A command imports what it works with, so that all of them together cost more to import than most take to run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

import typer

from medpulse.front import in_front_of

GROUPS = ("events", "dlq", "metrics", "sources", "archive", "digest", "merges", "registry", "alerts")
"""Modules of `medpulse.commands` that are a group of commands of the same name."""

PLAIN = {
    "run": ("up", "run", "demo", "replay", "doctor"),
    "catch_up": ("reparse", "backfill", "inbox"),
    "imports": ("import",),
    "text": ("explain", "parse"),
    "extract": ("extract",),
    "merges": ("enrich",),
    "schemas": ("schemas",),
    "truth": ("verify", "rebuild"),
}
"""Module of `medpulse.commands` → the commands without a group that its ``COMMANDS`` are, in their order."""


def built(groups: Iterable[str], plain: Iterable[str]) -> typer.Typer:
    """The command line with the commands of these modules."""
    made = typer.Typer(
        name="medpulse",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        epilog="Try: medpulse demo",
    )
    made.callback()(_medpulse)  # with a single command it would take that command's place
    for name in groups:
        made.add_typer(import_module(f"medpulse.commands.{name}").app, name=name)
    for module in plain:
        for name, command in zip(PLAIN[module], import_module(f"medpulse.commands.{module}").COMMANDS, strict=True):
            made.command(name)(command)
    return made


def whole() -> typer.Typer:
    """The command line with all of its commands."""
    return built(GROUPS, PLAIN)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line with the command that the arguments begin with, or with all where they begin with none."""
    asked = arguments[0] if arguments else ""
    if asked in GROUPS:
        return built([asked], [])
    module = next((module for module, names in PLAIN.items() if asked in names), None)
    return built([], [module]) if module else whole()


def _medpulse() -> None:
    """Event-driven monitor of China's medical-AI sector."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    in_front_of(lambda: app_for(sys.argv[1:])())
