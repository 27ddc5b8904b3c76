"""36kr.com: a feed of news, RSS 2.0 with times in the feed's own zone."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from events.clock import SHANGHAI
from simulator.facts import Item
from simulator.faults import Quirks
from simulator.sites.site import Items, marks_of
from simulator.web import XML, Ask, Reply

FEED = "/feed"
SHOWN = 30


class Press(Items):
    """The key of an item is its link."""

    hosts = ("36kr.com",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != FEED:
            return None
        items = self.shown(at, quirks)[:SHOWN]
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>36氪</title>'
            "<link>https://36kr.com</link><description>让一部分人先看到未来</description>\n"
            + "".join(_item(item, quirks) for item in items)
            + "</channel></rss>\n"
        )
        return Reply(text.encode(), XML, modified=at, illustrative=marks_of(items))


def _item(item: Item, quirks: Quirks) -> str:
    when = format_datetime(item.published.astimezone(SHANGHAI))
    dated = "" if quirks.undated else f"<pubDate>{when}</pubDate>"
    return (
        f"<item><title>{escape(quirks.title(item.key, item.title))}</title><link>{escape(item.key)}</link>"
        f"<guid>{escape(item.key)}</guid>{dated}"
        f"<description><![CDATA[<p>{item.said.get('text', '')}</p>]]></description></item>\n"
    )
