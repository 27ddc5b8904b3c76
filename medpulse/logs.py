"""Structured logs on standard error: pretty for people, JSON lines for machines."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from events.secrets import hide
from medpulse.settings import Settings


def configure(settings: Settings) -> None:
    """Send our own logs and those of the libraries to standard error at the level that is set."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hidden,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(_Hiding("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[lines])
    # httpx logs every URL at INFO; aiokafka logs each refused connection while a broker is starting.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL if level > logging.INFO else level)


class _Hiding(logging.Formatter):
    """A line of a library, tracebacks included, without the secrets that it would show."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))


def _hidden(_logger: object, _name: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """A log entry without secrets: texts are searched as they are, other values by their representation where one shows."""
    return {key: _safe(value) for key, value in entry.items()}


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, bool | int | float | None):
        return value
    told = repr(value)
    return value if hide(told) == told else hide(told)
