"""``medpulse``, also as ``python -m medpulse``.

``medpulse run ROOM`` is what supervisors start, again and again where something was killed: it imports what its room needs and
not the other commands, which take seconds of a processor together.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; `medpulse.cli` has all of it."""
    if sys.argv[1:2] != ["run"]:
        from medpulse import cli

        cli.main()
        return
    import typer

    from medpulse.commands.run import COMMANDS
    from medpulse.front import in_front_of

    rooms = typer.Typer(name="medpulse", pretty_exceptions_enable=False, rich_markup_mode="rich")
    for command in COMMANDS:
        rooms.command()(command)
    in_front_of(rooms)


if __name__ == "__main__":
    main()
