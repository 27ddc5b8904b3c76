"""What is raised where another process has the lease by now."""

from __future__ import annotations


class LeaseLost(Exception):
    """Another process decides or sends now: nothing of what was decided here was written."""
