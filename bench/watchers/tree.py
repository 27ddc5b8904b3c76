"""Processor and memory of a process with all that it started (proc(5))."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.flow.cost import TICKS, peak_of


def family(pid: int) -> Iterator[int]:
    """The process and its descendants that live."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def cpu(pid: int) -> float:
    """Seconds of processor of the family, those that ended and were waited for too."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def peak(pid: int) -> float:
    """The most megabytes that each of the family had resident, added up."""
    total = 0.0
    for one in family(pid):
        with suppress(OSError):
            total += peak_of(one)
    return total


def own(pid: int) -> float:
    """Megabytes of anonymous memory of the family now: what is theirs, without pages of files (programs, libraries).

    Pages of files are the kernel's cache: it takes them back at need, and processes that run the same program share them. Pages
    that members of the family share with one another count once.
    """
    total = 0.0
    for one in family(pid):
        with suppress(OSError):
            shares = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += int(shares.split("Pss_Anon:")[1].split()[0]) / 1024
    return total
