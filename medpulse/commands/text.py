"""``medpulse explain`` and ``medpulse parse``: what a text means, what a page says. Neither needs a broker or a network."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.text import Text

from events.base import Precision
from events.clock import SystemClock
from events.labels import Labels
from events.notice import Notice
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_line, print_rows
from scrapers.page import ParseError
from scrapers.parse import page_from_file, parse
from scrapers.source import CatalogError, catalog
from streams.enrich.explain import as_json as labels_json
from streams.enrich.explain import explain as labels_of

_LARGE = 32 * 1024 * 1024  # bytes of a release (udi) that is streamed from its file
_ROOMY = 120  # columns from which on a table has room for URLs
BAD_LINE = 'expected {"id": …, "text": "…"}'


def explain(
    text: Annotated[
        str | None, typer.Argument(help="The text (with --jsonl a file); standard input if left out or '-'.")
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read lines {"id", "text"}; one line of JSON comes out for each, as it is read.'),
    ] = False,
    as_json: Json = False,
) -> None:
    """What a text says: is it AI, which sector, modality and scenario, whose, and by which words.

    Exit code 1 if a line could not be read: an error line stands in its place.

    Example: medpulse explain "肺结节CT影像辅助检测软件，采用深度学习算法" --json
    Example: medpulse explain --jsonl rows.jsonl > labels.jsonl
    """
    if jsonl:
        if not _explain_file(text):
            raise typer.Exit(1)
        return
    given = _unicode(sys.stdin.buffer.read() if text is None or text == "-" else os.fsencode(text))
    labels = labels_of(given)
    if as_json:
        print_json(labels_json(labels))
    else:
        _show(given, labels)


def parse_file(
    source: Annotated[str, typer.Argument(help="A source of the catalogue, e.g. cmde-guidance.")],
    file: Annotated[Path, typer.Argument(help="The saved page.")],
    url: Annotated[str, typer.Option(help="The URL that the page was saved from.")],
    as_json: Json = False,
) -> None:
    """The notices that a saved page holds.

    Example: medpulse parse cmde-guidance page.html --url https://www.cmde.org.cn/flfg/zdyz/index.html --json
    """
    if source not in catalog():
        raise Failure(f"no source is called {source!r}; there are {', '.join(catalog())}")
    large = file.stat().st_size > _LARGE and catalog()[source].platform == "udi"
    try:
        page = page_from_file(source, b"" if large else file.read_bytes(), url, SystemClock().now())
        page = replace(page, spooled=file) if large else page
        parsed = parse(page)
    except CatalogError as error:
        raise Failure(str(error)) from error
    except ParseError as error:
        raise Failure(f"{file} was not read as a page of {source}: {type(error).__name__}: {error}") from error
    if parsed.replaced:
        errors.print(f"{parsed.replaced} characters could not be decoded", markup=False)
    if as_json:
        print_json([notice.model_dump(mode="json") for notice in parsed.notices])
        return
    zone = catalog()[source].zone
    rows = [{"published": _when(n, zone), "rows": len(n.rows), "title": n.title} for n in parsed.notices]
    if not console.is_terminal or console.width >= _ROOMY:
        rows = [row | {"url": n.url} for row, n in zip(rows, parsed.notices, strict=True)]
    print_rows(rows, as_json=False, empty="the page is well formed and holds no notice", whole=("published",))
    console.print(f"{len(parsed.notices)} notices; all that they say: --json", highlight=False)


def _when(notice: Notice, zone: ZoneInfo) -> str:
    """When it was published, in the source's zone and as exactly as the source says."""
    if notice.published_at is None:
        return ""
    local = notice.published_at.astimezone(zone)
    return f"{local:%Y-%m-%d}" if notice.published_precision is Precision.DAY else f"{local:%Y-%m-%d %H:%M}"


def _unicode(given: bytes) -> str:
    """The text, which is UTF-8 whatever the locale says. Raises `Failure`."""
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failure(f"the text is not UTF-8: {error.reason} at byte {error.start}") from error


def _explain_file(name: str | None) -> bool:
    """`_explain_lines` of a file or of standard input, which is read as it is written. Raises `Failure`."""
    if name is None or name == "-":
        return _explain_lines(sys.stdin.buffer)
    try:
        with Path(name).open("rb") as file:
            return _explain_lines(file)
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror or error}") from error


def _explain_lines(lines: Iterable[bytes]) -> bool:
    """Explain line by line; False if a line could not be read. A bad line gets an answer too, so that none is missed."""
    good = True
    for number, line in enumerate(lines, 1):
        try:
            asked = orjson.loads(line)
        except orjson.JSONDecodeError:
            asked = None
        match asked:
            case {"id": ident, "text": str(text)}:
                print_line({"id": ident} | labels_json(labels_of(text)))
            case _:
                good = False
                ident = asked.get("id") if isinstance(asked, dict) else None
                errors.print(f"line {number}: {BAD_LINE}", markup=False, highlight=False, soft_wrap=True)
                print_line({"id": ident, "line": number, "error": BAD_LINE})
    sys.stdout.flush()
    return good


def _show(text: str, labels: Labels) -> None:
    marked = Text(text.strip() and text)
    for one in labels.evidence:
        marked.stylize("bold cyan", one.start, one.end)
    console.print(marked)
    rows = [
        {"label": name, "value": value if not isinstance(value, list) else ", ".join(map(str, value))}
        for name, value in labels_json(labels).items()
        if name not in {"evidence", "entities"}
    ]
    rows += [{"label": "entity", "value": f"{e.name} ({e.id}, china: {e.china})"} for e in labels.entities]
    rows += [
        {"label": f"because {e.label}", "value": f"{text[e.start : e.end]!r} by {e.rule}"} for e in labels.evidence
    ]
    print_rows(rows, as_json=False)


COMMANDS = (explain, parse_file)
