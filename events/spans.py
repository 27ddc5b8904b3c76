"""Our steps as spans of OpenTelemetry's SDK. Imported only where traces are exported: it is part of the extra ``otel``."""

from __future__ import annotations

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode

from events.tracing import Attributes, Trace


class Spans:
    """An `events.tracing.Exporter` on a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("medpulse")

    def begin(self, name: str, parent: Trace | None, attributes: Attributes) -> Recorded:
        """A new span below ``parent``, which another process may have exported, or the first of a new trace."""
        above = NonRecordingSpan(_context(parent)) if parent else NonRecordingSpan(SpanContext(0, 0, is_remote=False))
        return Recorded(self._tracer.start_span(name, set_span_in_context(above), attributes=dict(attributes)))


class Recorded:
    """An `events.tracing.Open`."""

    def __init__(self, span: Span) -> None:
        self._span = span
        own = span.get_span_context()
        self.trace = Trace(f"{own.trace_id:032x}", f"{own.span_id:016x}", own.trace_flags.sampled)

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""
        self._span.set_attributes(dict(attributes))

    def end(self, fault: str | None) -> None:
        """End it now."""
        if fault:
            self._span.set_status(Status(StatusCode.ERROR, fault))
        self._span.end()


def _context(parent: Trace) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    return SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
