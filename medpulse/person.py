"""Who is at the keyboard, for what is recorded under a name."""

from __future__ import annotations

import getpass


def me() -> str:
    """The log-in name, or ``operator`` where the system knows none (a container under a bare number)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
