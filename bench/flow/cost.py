"""What a run cost: seconds, processor, memory, read of the process itself or of another one (proc(5))."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of ``events`` events: seconds of wall and of processor (user and system, all threads), most megabytes resident."""

    events: int
    seconds: float
    cpu: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_per_million(self) -> float:
        """Seconds of processor for a million events."""
        return self.cpu / self.events * 1e6


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    return Cost(
        costs[0].events,
        statistics.median(one.seconds for one in costs),
        statistics.median(one.cpu for one in costs),
        statistics.median(one.peak_mb for one in costs),
    )


def cpu_of(pid: int) -> float:
    """Seconds of processor that a process has used (proc(5), stat). Raises OSError if there is none."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_of(pid: int | str = "self") -> float:
    """The most megabytes that a process had resident (proc(5), status). Raises OSError if there is none."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Meter:
    """The cost of this process between its first event and its last; importing and connecting are left out."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._left = wanted
        self._began = self._cpu = 0.0

    def first(self) -> None:
        """To be called before the first event is worked on; what comes later does nothing."""
        if not self._began:
            self._began, self._cpu = time.perf_counter(), time.process_time()

    def did(self, many: int = 1) -> bool:
        """Count events that are done; prints the cost and answers True once all are."""
        self._left -= many
        if self._left > 0:
            return False
        cost = Cost(self._wanted, time.perf_counter() - self._began, time.process_time() - self._cpu, peak_of())
        sys.stdout.write(orjson.dumps(asdict(cost)).decode() + "\n")
        sys.stdout.flush()
        return True
