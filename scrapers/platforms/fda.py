"""FDA: the list of AI-enabled medical devices as XML that was exported from a spreadsheet.

``Notice.fields``: ``register`` (FDA), ``submission_number``, ``product_name``, ``company``, ``panel``, ``product_code``.
``published_at`` is the day of the final decision in Washington. The submission number is an Excel formula, names hold C1
control characters, and characters that XML 1.0 forbids may occur. Rules: SITES.md, A.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from events.notice import Notice
from scrapers.page import Challenged, Malformed, Page, Parsed, Request
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.walls import wall
from scrapers.source import Source
from scrapers.text import one_line
from scrapers.times import parse_time

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<dec>\d{1,7}));")
_BARE = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)")
_FORMULA = re.compile(
    r"=\s*HYPERLINK\(\s*[\"']+(?P<url>[^\"']*)[\"']+\s*[,;]\s*[\"']+(?P<text>[^\"']*)[\"']+\s*\)", re.IGNORECASE
)
_NUMBER = re.compile(r"\b(?:K|DEN|P|BK|H|N|BP|BN)\d{5,7}(?:/[A-Z]\d{2,4})?\b")
_SCHEME = re.compile(r"https?://\S+$")


@dataclass(frozen=True, slots=True)
class Fda:
    """The whole list in one file."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The XML file."""
        return Request(source.param("xml"))

    def parse(self, page: Page) -> Parsed:
        """The devices of the list. Raises `ParseError`."""
        decoded = read(page)
        root = _root(decoded.text)
        rows = [row for row in root.iter() if _has_number(row)]
        if not rows and (len(root) or _name(root) != "data"):
            raise lacking(decoded.text, "no row has a Submission_number")
        return Parsed(each(rows, lambda row: _row(page, row), "rows"), replaced=decoded.replaced)


def _root(text: str) -> etree._Element:
    """The tree of the XML, without what XML 1.0 forbids. Entities of its own are not read."""
    plain = _FORBIDDEN.sub("", _REFERENCE.sub(_allowed, _BARE.sub("&amp;", _PROLOG.sub("", text))))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(plain.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if mark := wall(text):
            raise Challenged(f"no XML but {mark}") from error
        raise Malformed(f"the answer is not XML: {error}") from error


def _allowed(reference: re.Match[str]) -> str:
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["dec"])
    return "" if code > 0x10FFFF or 0xD800 <= code < 0xE000 or _FORBIDDEN.match(chr(code)) else reference.group()


def _name(element: etree._Element) -> str:
    """The name of an element in lower case, letters only; empty for a comment."""
    tag: object = element.tag  # of a comment it is a function
    return re.sub(r"[^a-z]", "", tag.rpartition("}")[2].casefold()) if isinstance(tag, str) else ""


def _has_number(element: etree._Element) -> bool:
    return any(_name(child).startswith("submissionnumber") for child in element)


def _row(page: Page, row: etree._Element) -> Notice:
    said = {_name(cell): one_line("".join(str(text) for text in cell.itertext())) for cell in row if _name(cell)}
    cell = _find(said, "submissionnumber")
    formula = _FORMULA.search(cell)
    plain = formula["text"] if formula else cell
    number = _NUMBER.search(plain) or _NUMBER.search(cell)
    ident = number.group() if number else one_line(plain).lstrip("=")
    device = _find(said, "device")
    stated = parse_time(_find(said, "dateoffinaldecision", "decisiondate", "date"), page.source.zone, "mdy")
    link = formula["url"] if formula and _SCHEME.match(formula["url"]) else page.url
    fields = {
        "register": "FDA",
        "submission_number": ident,
        "product_name": device,
        "company": _find(said, "company"),
        "panel": _find(said, "panel"),
        "product_code": _find(said, "primaryproductcode", "productcode"),
    }
    return notice(page, ident, link, device, stated, fields=fields)


def _find(said: dict[str, str], *names: str) -> str:
    """The cell whose name begins with the first of these that any does (``Panel`` is also ``Panel_lead``)."""
    return next((text for name in names for key, text in said.items() if key.startswith(name)), "")
