"""(d) The same job in quixstreams as its manual writes it: a stateful filter for what was seen, one Redis call an event."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from typing import Any

from quixstreams import Application
from redis.asyncio import Redis

from bench.flow.cost import Meter
from bench.flow.load import PLAIN
from bench.flow.peers.job import meaning
from events.notice import Notice
from streams.store import Store


def main(bootstrap: str, url: str, many: int) -> None:
    """Run until all are counted."""
    meter, runner = Meter(many), asyncio.Runner()
    store = Store(Redis.from_url(url))
    runner.run(store.load())

    def is_new(value: dict[str, Any], state: Any) -> bool:
        meter.first()
        if state.get(value["notice_id"]) == value["content_hash"]:
            return False
        state.set(value["notice_id"], value["content_hash"])
        return True

    def count(value: dict[str, Any]) -> None:
        runner.run(store.apply(meaning([Notice.model_validate(value)])))
        if meter.did():
            os._exit(0)

    with tempfile.TemporaryDirectory(prefix="medpulse-flow-") as folder:
        app = Application(
            bootstrap,
            consumer_group="flow-quix",
            auto_offset_reset="earliest",
            state_dir=folder,
            use_changelog_topics=False,
        )
        frame = app.dataframe(app.topic(PLAIN.name, value_deserializer="json"))
        frame = frame.filter(is_new, stateful=True)
        frame.update(count)
        app.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
