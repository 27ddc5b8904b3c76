"""Faust's way to Kafka, with a short wait in each fetch.

Faust asks the broker to hold a fetch for 1.5 s while there is nothing new. Apache Kafka answers at once when something comes;
Tansu looks again only after half of that time, which was 0.7 s for each agent that a notice passes (`bench.latency`).
"""

from __future__ import annotations

from typing import Any

from faust.transport.drivers import aiokafka as driver

from events.consume import FETCH_WAIT_MS


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust's bases are untyped here
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no setting for it; aiokafka hands it on when the consumer starts.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer


class _Consumer(driver.Consumer):  # type: ignore[misc]
    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class PromptTransport(driver.Transport):  # type: ignore[misc]
    """The transport of `streams.app`."""

    Consumer = _Consumer
