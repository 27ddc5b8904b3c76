"""Polls on a disk that fills up, in a process of its own: ``python -m tests.scrapers.full_disk FOLDER LEFT``.

``LEFT`` is how many bytes the archive's file may still grow by when the second poll begins. Prints what each poll ended with,
and the sizes of the archive's files after each, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from events.clock import VirtualClock
from tests.scrapers.hostile import Hostile, listed
from tests.scrapers.rig import A, B, rigged, small


def _limited(size: int) -> None:
    """No file of this process may grow beyond ``size`` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def _polled(folder: Path, left: int) -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    noise = random.Random(1).randbytes(2000).hex()
    async with Hostile() as site, rigged(folder, VirtualClock(datetime(2022, 3, 7, tzinfo=UTC))) as rig:
        lists = [listed(A), listed(A, B | {"title": noise}), listed(A, B | {"title": noise})]
        for number, answer in enumerate(lists):
            full = number == 1
            sizes = {path.name: path.stat().st_size for path in folder.glob("*.warc.gz")}
            _limited(max(sizes.values()) + left if full else resource.RLIM_INFINITY)
            site.pages["/list"] = answer
            report = await rig.poll(small(site.url(), details=False))
            _limited(resource.RLIM_INFINITY)
            after = {path.name: path.stat().st_size for path in folder.glob("*.warc.gz")}
            told.append({"outcome": report.outcome.value, "detail": report.detail, "sizes": after})
        told.append({"published": [n.item_key for n in rig.sent.notices], "kept": len(rig.kept)})
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_polled(Path(sys.argv[1]), int(sys.argv[2])))))
