"""One trace from a poll to its deliveries: W3C Trace Context, carried in the Kafka header ``traceparent``.

A poll begins a trace; what follows from it carries its id on every message and on every log line. Without an exporter that is
all: the header is passed on as it came. With one (`export`) each step is a span besides, and the header names the last of them.

Rule: W3C Trace Context, level 1, section 3.2.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import structlog

log = structlog.get_logger()
HEADER = "traceparent"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""The variables of OpenTelemetry, of which one switches the export on."""
MOST_HEADER = 512
"""Characters; a longer header of a later version is not ours to read."""
_SHAPE = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
Attributes = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in which trace we are. ``span_id`` is the step that what is sent now follows from."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def header(self) -> str:
        """As ``traceparent`` says it."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


def parse(raw: object) -> Trace | None:
    """The trace of a ``traceparent`` as bytes or text; None for anything else, which costs the trace and nothing more."""
    text = raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw
    found = _SHAPE.fullmatch(text) if isinstance(text, str) and len(text) <= MOST_HEADER else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & 1))


def trace_of(headers: object) -> Trace | None:
    """The trace in the headers of a Kafka message: pairs, a mapping, or nothing at all."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs if isinstance(pairs, Iterable) else ():
        if name == HEADER:
            return parse(value)
    return None


class Open(Protocol):
    """A span that somebody exports."""

    trace: Trace

    def note(self, attributes: Attributes) -> None:
        """Add what became known only meanwhile."""
        ...

    def end(self, fault: str | None) -> None:
        """It is over; ``fault`` is the kind of error that ended it, never its text."""
        ...


class Exporter(Protocol):
    """What makes spans and sends them away: `events.otel`."""

    def begin(self, name: str, parent: Trace | None, attributes: Attributes) -> Open:
        """A new span below ``parent``, or the first of a new trace."""
        ...


class Span:
    """A step that is under way. ``trace`` is what its messages carry; None where it follows from no known poll."""

    __slots__ = ("_exported", "trace")

    def __init__(self, trace: Trace | None, exported: Open | None = None) -> None:
        self.trace = trace
        self._exported = exported

    def note(self, **attributes: str | Sequence[str]) -> None:
        """Ids and kinds that became known only meanwhile; no text of pages."""
        if self._exported:
            self._exported.note(attributes)

    def end(self, fault: str | None = None) -> None:
        """Called by `span` and its like."""
        if self._exported:
            self._exported.end(fault)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)
_exporters: list[Exporter] = []


def current() -> Trace | None:
    """The trace of what is being done now."""
    return _current.get()


@contextmanager
def within(trace: Trace | None) -> Iterator[None]:
    """Messages and log lines belong to this trace, or to none."""
    before = _current.set(trace)
    try:
        if trace is None:
            yield
        else:
            with structlog.contextvars.bound_contextvars(trace_id=trace.trace_id):
                yield
    finally:
        _current.reset(before)


@contextmanager
def root(name: str, **attributes: str | Sequence[str]) -> Iterator[Span]:
    """A step that begins a trace, and is the current one meanwhile."""
    with _ended(_begun(name, None, attributes)) as made, within(made.trace):
        yield made


@contextmanager
def span(name: str, parent: Trace | None, **attributes: str | Sequence[str]) -> Iterator[Span]:
    """A step that follows from ``parent``, and is the current one meanwhile."""
    with _ended(_begun(name, parent, attributes) if parent else Span(None)) as made, within(made.trace):
        yield made


@contextmanager
def spans(name: str, parents: Iterable[tuple[Trace | None, Attributes]]) -> Iterator[list[Span]]:
    """One step done for many at once: a span in the trace of each, none of which is the current one."""
    if not _exporters:  # the common case, paid for each message of a batch
        yield [Span(parent) for parent, _ in parents]
        return
    with ExitStack() as stack:
        yield [
            stack.enter_context(_ended(_begun(name, parent, attributes) if parent else Span(None)))
            for parent, attributes in parents
        ]


def _begun(name: str, parent: Trace | None, attributes: Attributes) -> Span:
    if _exporters:
        made = _exporters[-1].begin(name, parent, attributes)
        return Span(made.trace, made)
    return Span(parent or Trace(os.urandom(16).hex(), os.urandom(8).hex()))


@contextmanager
def _ended(made: Span) -> Iterator[Span]:
    try:
        yield made
    except BaseException as error:
        made.end(type(error).__name__)
        raise
    made.end()


@contextmanager
def exporting(exporter: Exporter) -> Iterator[None]:
    """Spans go to this exporter meanwhile."""
    _exporters.append(exporter)
    try:
        yield
    finally:
        _exporters.remove(exporter)


def export(room: str) -> None:
    """Export the spans of this process as ``medpulse-ROOM``, where OpenTelemetry's variables say where to.

    Without them nothing is imported. Without the packages one line says what to install, and the process runs on.
    """
    if _exporters or not any(os.environ.get(name) for name in ENDPOINTS):
        return
    try:
        from events.otel import otlp  # noqa: PLC0415 (optional, and half a second of a processor)
    except ImportError as error:
        log.warning(
            "traces.not_exported", missing=error.name, remedy="pip install 'medpulse[otel]', or unset the endpoint"
        )
        return
    _exporters.append(otlp(f"medpulse-{room}"))
    log.info("traces.exported", service=f"medpulse-{room}")
