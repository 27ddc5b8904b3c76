"""The console: one line an alert, for when nothing else is configured."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from alerts.message import Message
from alerts.texts import local_time, one_line
from events.base import Severity
from events.messages import Alert

_STYLE = {
    Severity.INFO: "dim",
    Severity.NOTICE: "bold cyan",
    Severity.WARNING: "bold yellow",
    Severity.CRITICAL: "bold white on red",
}


class ConsoleChannel:
    """A terminal, or a log file. A line that a terminal cannot hold is cut; a file gets it whole."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    async def send(self, message: Message) -> str:
        """Print one line for each alert."""
        whole = not self._console.is_terminal
        for alert in message.alerts:
            line = _line(alert, message.possible_duplicate)
            if whole:
                self._console.print(line, soft_wrap=True)
            else:
                self._console.print(line, no_wrap=True, overflow="ellipsis")
        return "printed"


def _line(alert: Alert, again: bool) -> Text:
    # Text, never markup: a title that holds [red] or an escape sequence prints as what it is.
    line = Text(f"{local_time(alert.raised_at)} ", style="dim")
    line.append(f"{alert.severity.value.upper():<8} ", style=_STYLE[alert.severity])
    line.append(one_line(alert.title), style="default")
    marks = [mark for mark, on in (("illustrative", alert.illustrative), ("possibly told before", again)) if on]
    if marks:
        line.append(f" ({', '.join(marks)})", style="dim italic")
    return line
