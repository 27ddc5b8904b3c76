"""For feed readers and calendars: RSS, Atom, JSON Feed of events, and iCalendar of their deadlines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from feedgen.feed import FeedGenerator
from icalendar import Alarm, Calendar, Event

from board.asked import AsOf, FromView, InLang, InRoom
from board.filters import EventFilter
from board.index.ask import Asked, Order, ids
from board.show import closes, company, detail, event_url, safe_url
from board.words import Words
from events.event import EventBase

router = APIRouter(include_in_schema=False)
MOST = 100
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Kind(StrEnum):
    """The formats of the feed."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "feed.json"


@router.get("/feed/events.{kind}")
async def feed(
    request: Request,
    view: FromView,
    here: InRoom,
    day: AsOf,
    lang: InLang,
    kind: Kind,
    asked: Annotated[EventFilter, Query()],
) -> Response:
    """The latest events under the same conditions as on the page."""
    found = await view.events_of(await ids(here.index, asked.asked(day), MOST))
    base = str(request.base_url).rstrip("/")
    words = Words(lang)
    title = " · ".join(filter(None, (here.title, words("events"), *asked.given().values())))
    if kind is Kind.JSON:
        return Response(_json_feed(found, base, str(request.url), title, words), media_type="application/feed+json")
    made = _feed(found, base, str(request.url), title, words)
    if kind is Kind.RSS:
        return Response(made.rss_str(pretty=True), media_type="application/rss+xml")
    return Response(made.atom_str(pretty=True), media_type="application/atom+xml")


@router.get("/calendar.ics")
async def calendar(request: Request, view: FromView, here: InRoom, day: AsOf, lang: InLang) -> Response:
    """The last days for comments and objections, those of the last 90 days and all to come."""
    asked = Asked(until=day, closes_after=day - timedelta(days=90), order=Order.CLOSES, descending=False)
    found = await view.events_of(await ids(here.index, asked, 500))
    base = str(request.base_url).rstrip("/")
    made = _calendar(found, base, Words(lang), here.title)
    headers = {"Content-Disposition": 'inline; filename="medpulse-deadlines.ics"'}
    return Response(made, media_type="text/calendar; charset=utf-8", headers=headers)


def _said(event: EventBase, words: Words) -> str:
    parts = (words.value("event", getattr(event, "type", "")), company(event), detail(event, words))
    mark = words("illustrative") if event.illustrative else ""
    return legal(" · ".join(filter(None, (*parts, mark))))


def legal(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("", text)


def _feed(events: Sequence[EventBase], base: str, own: str, title: str, words: Words) -> Any:
    made: Any = FeedGenerator()
    made.id(legal(own))
    made.title(legal(title))
    made.link(href=f"{base}/events", rel="alternate")
    made.link(href=legal(own), rel="self")
    made.description(words("tagline"))
    made.language("zh-CN" if words.lang == "zh" else "en")
    made.updated(max((e.detected_at for e in events), default=datetime(1970, 1, 1, tzinfo=UTC)))
    for event in events:
        entry = made.add_entry(order="append")
        entry.id(f"urn:medpulse:{legal(event.event_id)}")
        entry.title(legal(event.title))
        entry.link(href=event_url(base, event.event_id))
        entry.summary(_said(event, words))
        entry.published(event.published_at or event.event_time or event.detected_at)
        entry.updated(event.detected_at)
    return made


def _json_feed(events: Sequence[EventBase], base: str, own: str, title: str, words: Words) -> bytes:
    items = [
        {
            "id": event.event_id,
            "url": event_url(base, event.event_id),
            "title": event.title,
            "content_text": _said(event, words),
            "date_published": (event.published_at or event.event_time or event.detected_at).isoformat(),
            "date_modified": event.detected_at.isoformat(),
        }
        | ({"external_url": url} if (url := safe_url(event.url)) else {})
        for event in events
    ]
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": f"{base}/events",
            "feed_url": own,
            "language": words.lang,
            "items": items,
        }
    )


def _calendar(events: Sequence[EventBase], base: str, words: Words, title: str) -> bytes:
    made = Calendar()
    made.add("prodid", "-//medpulse//deadlines//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{title} · {words('deadlines')}")
    made.add("refresh-interval;value=duration", "PT6H")
    entries = [
        _deadline(
            last,
            (f"{event.event_id}@medpulse", event_url(base, event.event_id)),
            (legal(event.title), legal(f"{words('closing')}: {event.title}"), _said(event, words)),
            event.detected_at,
        )
        for event in events
        if (last := closes(event)) is not None
    ]
    head, end, tail = bytes(made.to_ical()).rpartition(b"END:VCALENDAR")
    return b"".join((head, *entries, end, tail))


@lru_cache(maxsize=4096)
def _deadline(last: date, names: tuple[str, str], said: tuple[str, str, str], at: datetime) -> bytes:
    """One entry, written once: its last day; its id and address; title, summary and description; when it was seen."""
    title, summary, description = said
    entry = Event()
    entry.add("uid", names[0])
    entry.add("summary", summary)
    entry.add("description", description)
    entry.add("url", names[1])
    entry.add("dtstart", last)
    entry.add("dtend", last + timedelta(days=1))
    entry.add("dtstamp", at)
    entry.add("transp", "TRANSPARENT")
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("description", title)
    reminder.add("trigger", timedelta(days=-3))
    entry.add_component(reminder)
    return bytes(entry.to_ical())
