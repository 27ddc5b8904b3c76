"""The terminal that medpulse runs in."""

from alerts.channels.console.channel import ConsoleChannel

__all__ = ["ConsoleChannel"]
