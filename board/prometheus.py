"""The metrics of this installation for Prometheus, from one typed table of names.

Everything is a gauge read from Redis at the scrape, but for the dead letters, which only grow. A label has at most
`MOST_VALUES` values: its vocabulary is closed, or the greatest ones are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from board.reading import Reading
from events.messages import HealthState, Outcome
from events.view.catalog import METRICS

MOST_VALUES = 100
MOST_DELIVERIES = 1000


@dataclass(frozen=True, slots=True)
class Family:
    """One name: its labels and its help text, which Prometheus shows to people."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    counter: bool = False


BREAKDOWNS: tuple[tuple[str, str], ...] = (
    ("class3_certificates", "scenario"),
    ("class3_certificates", "modality"),
    ("class3_certificates", "sector"),
    ("pricing_provinces", "product"),
    ("ipo_projects", "stage"),
    ("ipo_projects", "exchange"),
    ("overseas_clearances", "register"),
    ("guidance_documents", "stage"),
    ("events", "type"),
    ("events", "source"),
)
"""Metric and dimension of the sector gauges that have a label."""


def sector(metric: str, by: str | None = None) -> str:
    """The name of a sector gauge."""
    return f"medpulse_sector_{metric}" + (f"_by_{by}" if by else "")


_SECTOR = [
    *(Family(sector(spec.name), f"{spec.en}, to date.") for spec in METRICS.values()),
    *(Family(sector(name, by), f"{METRICS[name].en}, to date, by {by}.", (by,)) for name, by in BREAKDOWNS),
]
_RUNNING = [
    Family("medpulse_source_state", "1 for the state that a source is in, 0 for the others.", ("source", "state")),
    Family(
        "medpulse_source_last_outcome", "1 for the outcome of its last poll, 0 for the others.", ("source", "outcome")
    ),
    Family("medpulse_source_last_poll_timestamp_seconds", "When a source was last polled.", ("source",)),
    Family("medpulse_source_last_healthy_timestamp_seconds", "When a source last answered as it should.", ("source",)),
    Family("medpulse_source_bad_polls", "Bad polls in a row.", ("source",)),
    Family(
        "medpulse_lag_messages", "Messages written to a topic and not yet processed by a group.", ("group", "topic")
    ),
    Family("medpulse_dead_letters", "Messages that a stage could not take.", ("stage",), counter=True),
    Family("medpulse_deliveries_recorded", "Deliveries in the ledger."),
    Family(
        "medpulse_deliveries_last_day",
        f"Deliveries of the last 24 hours, of the last {MOST_DELIVERIES} recorded.",
        ("channel", "status", "reason"),
    ),
]
TABLE: Mapping[str, Family] = {family.name: family for family in [*_SECTOR, *_RUNNING]}
"""Every name that the board exposes."""


@dataclass(slots=True, eq=False)
class Samples(Collector):
    """Values gathered for one scrape. A name that is not in `TABLE` raises KeyError."""

    values: dict[str, list[tuple[Sequence[str], float]]] = field(default_factory=dict)

    def add(self, name: str, value: float, *labels: str) -> None:
        assert len(labels) == len(TABLE[name].labels), f"{name} has the labels {TABLE[name].labels}"
        self.values.setdefault(name, []).append((labels, value))

    def collect(self) -> Iterator[Metric]:
        for name, samples in self.values.items():
            kind = CounterMetricFamily if TABLE[name].counter else GaugeMetricFamily
            family = kind(name, TABLE[name].help, labels=TABLE[name].labels)
            for labels, value in samples:
                family.add_metric(labels, value)
            yield family


async def exposition(reading: Reading, as_of: date, now: datetime) -> bytes:
    """All metrics in Prometheus' text format."""
    samples = Samples()
    await _sector(samples, reading, as_of)
    await _sources(samples, reading)
    await _flow(samples, reading, now)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(samples)
    return generate_latest(registry)


async def _sector(samples: Samples, reading: Reading, as_of: date) -> None:
    for name in METRICS:
        samples.add(sector(name), await reading.view.value(name, as_of))
    for name, by in BREAKDOWNS:
        table = await reading.view.table(name, by, as_of)
        for value, number in list(table.items())[:MOST_VALUES]:
            samples.add(sector(name, by), number, value)


async def _sources(samples: Samples, reading: Reading) -> None:
    for health in (await reading.view.health())[:MOST_VALUES]:
        source = health.source_id
        for state in HealthState:
            samples.add("medpulse_source_state", state is health.state, source, state)
        for outcome in Outcome:
            samples.add("medpulse_source_last_outcome", outcome is health.outcome, source, outcome)
        samples.add("medpulse_source_bad_polls", health.bad_in_a_row, source)
        samples.add("medpulse_source_last_poll_timestamp_seconds", health.at.timestamp(), source)
        if health.last_healthy_at is not None:
            samples.add("medpulse_source_last_healthy_timestamp_seconds", health.last_healthy_at.timestamp(), source)


async def _flow(samples: Samples, reading: Reading, now: datetime) -> None:
    for (group, topic), behind in (await reading.view.backlog()).items():
        samples.add("medpulse_lag_messages", behind, group, topic)
    for stage, count in list((await reading.dead_letters()).items())[:MOST_VALUES]:
        samples.add("medpulse_dead_letters", count, stage)
    samples.add("medpulse_deliveries_recorded", await reading.count_deliveries())
    recent = await reading.view.deliveries(MOST_DELIVERIES)
    since = now - timedelta(days=1)
    counted = Counter((d.channel, d.status, d.reason.value) for d in recent if since < d.at <= now)
    for labels, count in counted.items():
        samples.add("medpulse_deliveries_last_day", count, *labels)
