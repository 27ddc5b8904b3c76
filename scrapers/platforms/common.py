"""What every platform does: read the page, build a notice, go through rows of which one may be broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC
from typing import Any, TypedDict, TypeVar, Unpack
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from events.notice import Attachment, Notice
from scrapers.page import Challenged, Malformed, Page, ParseError, Request
from scrapers.platforms.walls import STATUSES, wall
from scrapers.remember import Known
from scrapers.source import Source
from scrapers.stretch import stretched
from scrapers.text import Decoded, clean, decode, one_line
from scrapers.times import UNKNOWN, Stated

_UNQUOTED = re.compile(r"[\w.,|*~:/-]*", re.ASCII)
Row = TypeVar("Row")
Whole = TypeVar("Whole", bound=Hashable)
_TOLD: Known[tuple[str, str], tuple[Source, Mapping[Hashable, Notice]]] = Known(256)
"""The rows of each list as it was read last, with their notices, by source and URL: about four times as many lists as the
catalogue has, of some dozens of rows each."""


def read(page: Page) -> Decoded:
    """The page as text. Raises `Challenged` for the status of a bot wall, `Malformed` for a page without content."""
    decoded = decode(page.content, page.content_type, page.source.encoding)
    if page.status in STATUSES:
        raise Challenged(f"the site answered {page.status}, which is its bot wall")
    if page.status >= 400 and (mark := wall(decoded.text)):
        raise Challenged(f"the site answered {page.status} with {mark}")
    if not decoded.text.strip():
        raise Malformed("the body is empty")
    return decoded


def lacking(text: str, what: str) -> ParseError:
    """The error for a page in which ``what`` was looked for in vain: a bot wall if it bears the mark of one."""
    mark = wall(text)
    return Challenged(f"{what}; the page holds {mark}") if mark else ParseError(what)


class Said(TypedDict, total=False):
    """What a page may say of an item beside its title and its time."""

    body: str
    document_number: str | None
    attachments: Iterable[Attachment]
    fields: Mapping[str, str]
    rows: Iterable[dict[str, str]]


def notice(page: Page, key: str, url: str, title: str, stated: Stated = UNKNOWN, **said: Unpack[Said]) -> Notice:
    """One item of the page's source. ``key`` is its identity on the site; empty fields are left out.

    Raises ValueError where the item has no key: it could not be told from another.
    """
    if not key:
        raise ValueError("an item without its key")
    values = {
        "notice_id": f"{page.source.id}:{key}",
        "source_id": page.source.id,
        "item_key": key,
        "url": url,
        "title": one_line(title),
        "body": clean(said.get("body", "")),
        "published_at": stated[0],
        "published_precision": stated[1],
        "document_number": said.get("document_number") or None,
        "attachments": tuple(said.get("attachments", ())),
        "fields": {name: value for name, value in said.get("fields", {}).items() if value},
        "rows": tuple(said.get("rows", ())),
        "detected_at": page.fetched_at,
    }
    return Notice.unchecked(values) if _sound(values) else Notice(**values)


def _sound(values: dict[str, Any]) -> bool:
    """Whether what `notice` was given is what it is said to be, so that a notice of it need not be validated.

    Titles and bodies are cleaned texts, and files were validated.
    """
    texts = [values["item_key"], values["url"], *values["fields"], *values["fields"].values()]
    for row in values["rows"]:
        texts += (*row, *row.values())
    if (number := values["document_number"]) is not None:
        texts.append(number)
    published = values["published_at"]
    in_utc = values["detected_at"].tzinfo is UTC and (published is None or published.tzinfo is UTC)
    return in_utc and set(map(type, texts)) == {str}


def each(rows: Iterable[Row], build: Callable[[Row], Notice], what: str) -> tuple[Notice, ...]:
    """A notice for each row that holds one, once per key. One broken row costs itself.

    Raises `ParseError` when every row is broken: that is another shape, and no accident.
    """
    built: dict[str, Notice] = {}
    broken: Exception | None = None
    for row in stretched(rows):
        try:
            made = build(row)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            broken = error
            continue
        built.setdefault(made.item_key, made)
    if broken is not None and not built:
        raise ParseError(f"not one of the {what} can be read: {broken}") from broken
    return tuple(built.values())


def again(page: Page, rows: Iterable[Whole], build: Callable[[Page, Whole], Notice], what: str) -> tuple[Notice, ...]:
    """`each` for rows that hold all that their notices say: the notice of a row that the list held when it was read before, at
    the same URL, is that notice, seen anew.
    """
    place = page.source.id, page.url
    known = _TOLD.last(place)
    # Where the catalogue was read anew, a source of this name may be another one.
    before = known[1] if known and known[0] is page.source else {}
    now: dict[Hashable, Notice] = {}

    def built(row: Whole) -> Notice:
        made = now[row] = before.get(row) or build(page, row)
        return made if made.detected_at == page.fetched_at else made.model_copy(update={"detected_at": page.fetched_at})

    found = each(rows, built, what)
    _TOLD.keep(place, (page.source, now))
    return found


def details(page: Page, made: Iterable[Notice], has_page: Callable[[str], object]) -> dict[str, Request]:
    """The requests for the rows' own pages, where the source wants them: those whose URL ``has_page`` says to be one."""
    return {m.item_key: Request(m.url) for m in made if page.source.details and has_page(m.url)}


def with_query(url: str, **values: str) -> str:
    """``url`` with these parameters of its query set, the others kept in their order."""
    parts = urlsplit(url)
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in (_parameters(parts.query) | values).items())
    return urlunsplit(parts._replace(query=query))


def query_of(url: str) -> dict[str, str]:
    """The parameters of a URL's query and of its fragment, which carries what a form said and is never sent."""
    parts = urlsplit(url)
    return _parameters(parts.query) | _parameters(parts.fragment)


# Most parameters hold nothing that is quoted, or was: urllib takes ten times as long to see it.


def _parameters(query: str) -> dict[str, str]:
    if "%" in query or "+" in query:
        return dict(parse_qsl(query, keep_blank_values=True))
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {name: value for name, _, value in pairs}


def _quoted(text: str) -> str:
    return text if _UNQUOTED.fullmatch(text) else quote_plus(text, safe=",|*~:/")
