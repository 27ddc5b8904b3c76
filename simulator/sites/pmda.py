"""www.pmda.go.jp: a table of approvals with PDFs. Nobody has seen the real markup: this is one that it may have."""

from __future__ import annotations

from datetime import datetime

from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import Items, marks_of, shanghai
from simulator.web import Ask, Reply

PAGE = "/review-services/drug-reviews/review-information/devices/0018.html"


class Pmda(Items):
    """The key of an item is the path of its PDF."""

    hosts = ("www.pmda.go.jp",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != PAGE:
            return None
        items = self.shown(at, quirks)
        rows = [
            item.said
            | {"title": quirks.title(item.key, item.title), "path": item.key}
            | {"day": "" if quirks.undated else shanghai(item.published, "%Y-%m-%d")}
            for item in items
        ]
        return Reply(page("pmda.html", rows=rows), modified=at, illustrative=marks_of(items))
