"""The content management system that NMPA and CMDE share: columns of lists, and articles under 17-digit names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from events.clock import SHANGHAI
from simulator.facts import CmsNotice
from simulator.faults import Fault, Quirks
from simulator.markup import page
from simulator.sites.site import Timeline, cut, shanghai
from simulator.web import Ask, Reply, marked

ROWS = 20
_INDEX = re.compile(r"(?P<column>/.*/)(?:index(?:_(?P<page>[1-9]\d*))?\.html)?")
_MIRROR = re.compile(r"^/directory/web/[a-z]+(?=/)")
_STAMP = re.compile(r"(\d{14})(\d{3})\.html$")


def stamp(path: str) -> datetime:
    """The instant that the 17 digits of an article's name state. Raises ValueError for another name."""
    found = _STAMP.search(path)
    if not found:
        raise ValueError(f"{path} is not named by its time")
    at = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    return at.replace(microsecond=int(found[2]) * 1000)


def noticed(rows: Sequence[CmsNotice], host: str) -> list[CmsArticle]:
    """The pages of one host that the facts give in full."""
    return [
        CmsArticle(
            path=row.path,
            title=row.title,
            listed=row.listed,
            pub_date=shanghai(stamp(row.path), "%Y-%m-%d %H:%M"),
            illustrative=row.illustrative,
            text=row.text,
        )
        for row in rows
        if row.host == host
    ]


@dataclass(frozen=True, slots=True)
class CmsArticle:
    """One article. ``pub_date`` is the text of its meta PubDate; ``table`` has its header as the first row."""

    path: str
    title: str
    listed: date
    pub_date: str
    illustrative: bool
    text: str = ""
    table: tuple[tuple[str, ...], ...] | None = None


class Cms:
    """A site of this family. ``columns`` maps the path of a column, with slashes around it, to its name.

    An article in no column of those makes one of its folder, called like the site: a row of facts is enough to add a source.
    """

    def __init__(
        self, host: str, code: str, name: str, columns: dict[str, str], articles: Sequence[CmsArticle]
    ) -> None:
        self.hosts = (host,)
        self.code, self.name, self.source = code, name, name
        folders = {article.path.rpartition("/")[0] + "/" for article in articles}
        self.columns = columns | {folder: name for folder in sorted(folders) if not folder.startswith(tuple(columns))}
        self.articles = sorted(articles, key=lambda article: (article.listed, stamp(article.path)), reverse=True)
        self.timeline = Timeline(stamp(article.path) for article in articles)
        self.faults = frozenset(Fault) - (set() if any(a.table for a in articles) else {Fault.REORDERED_COLUMNS})

    def newest(self, at: datetime) -> str | None:
        return max((a.path for a in self.articles if stamp(a.path) <= at), key=stamp, default=None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        path = _MIRROR.sub("", ask.path)
        found = _INDEX.fullmatch(path)
        if found and found["column"] in self.columns:
            return self._list(found["column"], int(found["page"] or 0), at, quirks)
        article = next((a for a in self.articles if a.path == path and stamp(path) <= at), None)
        return self._detail(article, quirks) if article and path not in quirks.withdrawn else None

    def _list(self, column: str, number: int, at: datetime, quirks: Quirks) -> Reply | None:
        rows = [a for a in self.articles if a.path.startswith(column) and stamp(a.path) <= at and quirks.listed(a.path)]
        pages = max(1, -(-len(rows) // ROWS))
        if number >= pages:
            return None
        shown = cut(rows, number, ROWS)
        body = page(
            "cms_list.html",
            site=self,
            title=self.columns[column],
            column=self.columns[column],
            root=_root(column),
            rows=[self._row(article, column, quirks) for article in shown],
            number=number + 1,
            pages=pages,
            before=_index(number - 1) if number else None,
            after=_index(number + 1) if number + 1 < pages else None,
            noisy=quirks.noisy,
        )
        return Reply(body, modified=at, illustrative=marked((a.path, a.illustrative) for a in shown))

    @staticmethod
    def _row(article: CmsArticle, column: str, quirks: Quirks) -> dict[str, str]:
        return {
            "href": _root(column) + article.path.removeprefix("/"),
            "title": quirks.title(article.path, article.title),
            "date": "" if quirks.undated else article.listed.isoformat(),
        }

    def _detail(self, article: CmsArticle, quirks: Quirks) -> Reply:
        body = page(
            "cms_detail.html",
            site=self,
            title=quirks.title(article.path, article.title),
            column=next(name for path, name in reversed(self.columns.items()) if article.path.startswith(path)),
            root=_root(article.path),
            published="" if quirks.undated else article.pub_date,
            text=quirks.title(article.path, article.text),
            table=_table(article, quirks),
            noisy=quirks.noisy,
        )
        return Reply(body, modified=stamp(article.path), illustrative=marked([(article.path, article.illustrative)]))


def _table(article: CmsArticle, quirks: Quirks) -> tuple[tuple[str, ...], ...] | None:
    """The table of an article: a correction falls on the product of its first row, reordering turns all columns round."""
    table = article.table
    if table and article.path in quirks.edited:
        first = (*table[1][:2], quirks.title(article.path, table[1][2]), *table[1][3:])
        table = (table[0], first, *table[2:])
    return tuple(tuple(reversed(cells)) for cells in table) if table and quirks.reordered else table


def _root(path: str) -> str:
    return "../" * (path.count("/") - 1)


def _index(number: int) -> str:
    return f"index_{number}.html" if number else "index.html"
