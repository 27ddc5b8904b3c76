"""``medpulse archive``: every answer of every site as it came: found, read, pruned."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from events.clock import SHANGHAI, SystemClock
from events.notice import ArchivePointer
from events.topics import DAY_MS, NOTICES, NOTICES_UNIQUE
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_line, print_rows
from medpulse.scraping import archive_folder, chosen
from medpulse.settings import settings
from scrapers.archive_entry import Entry
from scrapers.archive_index import ArchiveIndex, Wanted
from scrapers.archive_read import ArchivedPage, Unkept

app = typer.Typer(no_args_is_help=True, help="Every answer of every site, as it came: find it, read it, prune it.")
Day = typer.Option(formats=["%Y-%m-%d"], help="A civil day in Shanghai.")
SHOWN = 200
KEEP_DAYS = max(NOTICES.retention_ms or 0, NOTICES_UNIQUE.retention_ms or 0) // DAY_MS
"""Days for which topics hold notices that point into the archive."""


def midnight(day: datetime | None) -> datetime | None:
    """The first instant of a civil day in Shanghai, in UTC."""
    return datetime.combine(day.date(), time(), SHANGHAI).astimezone(UTC) if day else None


@app.command("list", epilog="Example: medpulse archive list --source nhsa-notices --since 2026-11-01 --json")
def list_pages(
    source: Annotated[str | None, typer.Option(help="Only pages of this source.")] = None,
    since: Annotated[datetime | None, Day] = None,
    url: Annotated[str | None, typer.Option(help="Only this page.")] = None,
    as_json: Json = False,
) -> None:
    """What is kept, in the order in which it was kept; with --json one object a line, however many there are."""
    if source is not None:
        chosen((source,))
    found = ArchiveIndex(archive_folder(settings())).find(Wanted(source=source, url=url, since=midnight(since)))
    if as_json:
        for entry in found:
            print_line(_row(entry))
        sys.stdout.flush()
        return
    shown = list(islice(found, SHOWN))
    more = sum(1 for _ in found)
    columns = ("kept", "source", "status", "bytes", "url", "pointer")
    print_rows([{name: _row(entry)[name] for name in columns} for entry in shown], as_json=False)
    if more:
        errors.print(f"and {more} more: narrow it with --source, --since or --url, or take --json", markup=False)


@app.command(
    "get", epilog="Example: medpulse archive get https://www.nhsa.gov.cn/col/col109/index.html --out page.html"
)
def get(
    page: Annotated[str, typer.Argument(metavar="URL|POINTER", help="A URL (its latest page), or FILE:OFFSET.")],
    out: Annotated[Path | None, typer.Option(help="Write it to this file; standard output otherwise.")] = None,
    as_json: Json = False,
) -> None:
    """One kept page, byte for byte as it came (unpacked); with --json what is known of it beside."""
    index = ArchiveIndex(archive_folder(settings()))
    try:
        kept = index.get(_pointer(index, page))
    except Unkept as error:
        raise Failure(str(error)) from error
    if out is not None:
        out.write_bytes(kept.content)
    if as_json:
        print_json(_said(kept))
    elif out is None:
        sys.stdout.buffer.write(kept.content)
        sys.stdout.flush()
    else:
        console.print(f"{len(kept.content)} bytes of {kept.url} of {kept.date:%Y-%m-%d %H:%M:%S}Z", markup=False)


@app.command("prune", epilog="Example: medpulse archive prune --older-than 730 --yes")
def prune(
    older_than: Annotated[int, typer.Option(min=1, help="Days.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only tell what would be deleted.")] = False,
    as_json: Json = False,
) -> None:
    """Delete whole files that hold nothing younger. Events keep their texts and URLs; their pages can then not be shown.

    What the topics of notices still point at is never deleted, nor a file that is being written.
    """
    if older_than < KEEP_DAYS:
        raise Failure(
            f"topics hold notices for {KEEP_DAYS} days, which point into the archive: give {KEEP_DAYS} or more"
        )
    before = SystemClock().now() - timedelta(days=older_than)
    gone = ArchiveIndex(archive_folder(settings())).prune(before, dry=not yes)
    rows = [{**asdict(one), "newest": one.newest.isoformat(), "deleted": yes} for one in gone]
    print_rows(rows, as_json=as_json, empty="no file is that old")
    if rows and not yes and not as_json:
        errors.print("nothing was deleted: add --yes", markup=False)


@app.command("reindex", epilog="Example: medpulse archive reindex --json")
def reindex(as_json: Json = False) -> None:
    """Make the index anew from the archive. What is missing or cut off of it is mended without this, by every look-up."""
    index = ArchiveIndex(archive_folder(settings()))
    index.rebuild()
    rows = [{"file": path.name, "pages": sum(not e.note for e in index.of_file(path))} for path in index.files()]
    print_rows(rows, as_json=as_json)


def _row(entry: Entry) -> dict[str, object]:
    return {
        "kept": entry.date.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "source": entry.source,
        "status": entry.status,
        "bytes": entry.length,
        "type": entry.content_type,
        "url": entry.url,
        "digest": entry.digest,
        "pointer": f"{entry.file}:{entry.offset}",
        "record_id": entry.record_id,
    }


def _said(kept: ArchivedPage) -> dict[str, object]:
    return {
        "url": kept.url,
        "status": kept.status,
        "type": kept.content_type,
        "kept": kept.date.isoformat(),
        "source": kept.source,
        "bytes": len(kept.content),
        "pointer": kept.pointer.model_dump(mode="json"),
    }


def _pointer(index: ArchiveIndex, said: str) -> ArchivePointer:
    """The pointer that was given, or that of the latest page at a URL. Raises `Failure`."""
    file, colon, offset = said.rpartition(":")
    if colon and file.endswith(".warc.gz") and offset.isascii() and offset.isdigit():
        return ArchivePointer(file=file, offset=int(offset), record_id="")
    found = max(index.find(Wanted(url=said)), key=lambda entry: entry.date, default=None)
    if found is None:
        raise Failure(f"{said} is not in the archive: `medpulse archive list --source …` shows what is")
    return found.pointer
