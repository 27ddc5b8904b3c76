"""Spans by OpenTelemetry's SDK. Imported only where traces are exported: the packages are the extra ``otel``."""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from events.spans import Spans


def otlp(service: str) -> Spans:
    """Spans sent in batches over HTTP to where the variables of OpenTelemetry say; what is left is sent at the exit."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Spans(provider)
