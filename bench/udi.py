"""How fast a UDI release is streamed, and how much memory that takes: ``python -m bench.udi [RECORDS]``."""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from bench.result import Result, measured
from scrapers.page import Page
from scrapers.platforms.udi import Udi
from scrapers.platforms.udi_xml import Tally
from scrapers.source import catalog

RECORDS = 20_000
PART = 5_000
_NOISE = "".join(f"<f{n}>{n * 7919 % 10007}</f{n}>" for n in range(60))


def run(count: int = RECORDS) -> list[Result]:
    """Time for each record of a release, of which one in fifty is wanted; peak memory beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "UDID_FULL_RELEASE_20260801.zip"
        write_release(path, count)
        speed = measured(f"udi: a record of a ZIP release, {count} records", lambda: _read(path), runs=3)
        tracemalloc.start()
        _read(path)
        peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
        tracemalloc.stop()
    return [speed, Result(f"udi: peak of Python's memory, {count} records", peak, peak, peak, "MiB")]


def _read(path: Path) -> int:
    tally = Tally()
    page = Page(catalog()["udi"], "https://udi.nmpa.gov.cn/x.zip", b"", datetime(2026, 8, 1, tzinfo=UTC), spooled=path)
    for _ in Udi().stream(page, tally):
        pass
    return tally.records


def write_release(path: Path, count: int) -> None:
    """A release of ``count`` records in parts; one in fifty is a certificate in the software catalogue."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for first in range(0, count, PART):
            name = f"UDID_FULL_DOWNLOAD_PART{first // PART + 1}_Of_{-(-count // PART)}_2026-08-01.xml"
            with file.open(name, "w") as part:
                part.write(b'<?xml version="1.0" encoding="UTF-8"?><udid version="1.0"><devices>')
                for number in range(first, min(first + PART, count)):
                    part.write(_device(number).encode())
                part.write(b"</devices></udid>")


def _device(number: int) -> str:
    catalogue = "21" if number % 50 == 0 else "14"
    return (
        f"<device><zxxsdycpbs>0692{number:010d}</zxxsdycpbs><cpmctymc>产品 {number} & 附件\x0b</cpmctymc>"
        f"<ggxh>V1</ggxh><zczbhhzbapzbh>国械注准20263{catalogue}{number:05d}</zczbhhzbapzbh>"
        f"<ylqxzcrbarmc>示例公司{number % 97}</ylqxzcrbarmc>"
        f"{_NOISE}<deviceRecordKey>k{number}</deviceRecordKey><versionNumber>1</versionNumber></device>\n"
    )


if __name__ == "__main__":
    for result in run(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS):
        rate = f"({1e6 / result.median:,.0f} records/s)" if result.unit.startswith("µs") else ""
        print(f"{result.what:58} {result.median:10.1f}  {result.unit} {rate}")
