"""In front of every command: the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from rich.text import Text

from medpulse.logs import configure
from medpulse.output import errors
from medpulse.settings import SettingsError, settings


def in_front_of(command: Callable[[], object]) -> None:
    """Run a command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    debug = False
    try:
        with suppress(SettingsError):  # a command that needs them says so; `doctor` and `explain` go on without
            found = settings()
            debug = found.debug
            configure(found)
        command()
    except KeyboardInterrupt:
        sys.exit(130)
    # An error that nobody foresaw is raised again as it is.
    except Exception as error:
        from medpulse.errors import expected, in_words

        told = None if debug else expected(error)
        if told is None:
            raise
        errors.print(Text.assemble(("medpulse: ", "bold red"), in_words(told)), soft_wrap=True)
        sys.exit(1)
