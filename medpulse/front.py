"""In front of every command: the one place where a failure becomes a line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from rich.text import Text

from medpulse.logs import configure
from medpulse.output import errors
from medpulse.settings import Settings, SettingsError, settings


def in_front_of(command: Callable[[], object]) -> None:
    """Run a command line. Exit codes: 0 done, 1 an expected failure (one line on standard error), 2 wrong usage."""
    debug = False
    try:
        with suppress(SettingsError):  # a command that needs them says so; `doctor` and `explain` go on without
            found = settings()
            debug = found.debug
            configure(found)
            _read_by(found)
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


def _read_by(found: Settings) -> None:
    """Use the files of the user where there are any: the rules of reading cost more to import than most commands take."""
    if found.taxonomy or found.companies or found.products:
        from streams.enrich.files import use

        use(taxonomy=found.taxonomy, companies=found.companies, products=found.products)
