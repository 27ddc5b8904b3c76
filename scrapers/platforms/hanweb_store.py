"""The data store of a hanweb list page: its rows stand as CDATA inside a script, where a reader of HTML sees none."""

from __future__ import annotations

import html
import re

from scrapers.page import Malformed
from scrapers.platforms import dom, walk
from scrapers.platforms.walk import Element

_STORE = re.compile(r"<datastore\b|<recordset\b|<totalrecord\b", re.IGNORECASE)
_STORE_END = re.compile(r"</(?:datastore|recordset)\s*>", re.IGNORECASE)
_RECORD = re.compile(
    r"<record\b[^>]*>\s*(?:<!\[CDATA\[(?P<data>.*?)\]\]>|(?P<plain>.*?))\s*</record\s*>", re.DOTALL | re.IGNORECASE
)
_CELLS = re.compile(r"\s*<t[rdh]\b", re.IGNORECASE)


def stored_rows(text: str) -> list[Element] | None:
    """The rows of the page's data store, in its order; None where it has none. Raises `Malformed` for one that is cut off."""
    if not _STORE.search(text):
        return None
    if not _STORE_END.search(text):
        raise Malformed("the data store is cut off: it has no </datastore>")
    records = (m["data"] if m["data"] is not None else html.unescape(m["plain"]) for m in _RECORD.finditer(text))
    return [row for record in records for row in _held(record)]


def _held(record: str) -> list[Element]:
    """The rows of one record: itself, or each of several that the site has put into it."""
    root = dom.tree_of(f"<table>{record}</table>" if _CELLS.match(record) else f"<div>{record}</div>").root
    rows = [row for row in walk.leaves(root, ("li", "tr")) if walk.links(row)]
    return rows if len(rows) > 1 else [root]
