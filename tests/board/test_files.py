"""What the board gives to other programs: exports, feeds, a calendar; and that hostile text does nothing in any of them."""

from __future__ import annotations

import csv
import io
from datetime import date

import feedparser
import httpx
import pyarrow.parquet as pq
import pytest
from icalendar import Calendar
from redis.asyncio import Redis

from board.exports import COLUMNS, inert
from streams.store import Store
from tests.board.conftest import client_of
from tests.board.town import certificates, everything

pytestmark = pytest.mark.asyncio
FORMULA = '=HYPERLINK("https://evil.example","click")'


async def test_certificates_as_csv_json_and_parquet_are_the_same_rows(board: httpx.AsyncClient) -> None:
    asked = "scenario=lung_nodule&sort=number&direction=asc"
    text = (await board.get(f"/certificates.csv?{asked}")).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    items = (await board.get(f"/certificates.json?{asked}")).json()
    table = pq.read_table(io.BytesIO((await board.get(f"/certificates.parquet?{asked}")).content))
    numbers = [row["certificate_number"] for row in rows]
    assert numbers == sorted(numbers)
    assert numbers == [item["certificate_number"] for item in items] == table.column("certificate_number").to_pylist()
    assert len(numbers) == 9
    assert tuple(table.column_names) == COLUMNS
    assert table.schema.field("device_class").type == "int64"
    answer = await board.get("/certificates.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="certificates-2022-09-01.csv"'


async def test_all_events_are_exported(board: httpx.AsyncClient) -> None:
    assert len((await board.get("/events.json")).json()) == len(everything())
    assert (await board.get("/events.json?q=没有这样的词")).json() == []


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "\ufeff=1", "|cmd", "%0A=1"]
)
async def test_no_cell_is_a_formula(cell: str) -> None:
    assert inert(cell) == f"'{cell}"
    assert inert("国械注准2022") == "国械注准2022"
    assert inert(-3) == -3


async def test_hostile_text_is_inert_in_every_format(redis: Redis) -> None:
    store = Store(redis)
    await store.load()
    harm = f"{FORMULA}<script>alert(1)</script>\u202e\x0b"
    event = next(certificates()).model_copy(
        update={"title": harm, "product_name": harm, "certificate_number": harm, "url": "javascript:alert(1)"}
    )
    await store.apply([event])
    async with client_of(redis) as client:
        rows = list(csv.reader(io.StringIO((await client.get("/certificates.csv")).text)))
        assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)
        for kind in ("rss", "atom"):
            answer = await client.get(f"/feed/events.{kind}")
            feed = feedparser.parse(answer.content)
            assert not feed.bozo, feed.bozo_exception
            assert "<script" not in answer.text
            assert feed.entries[0].link.startswith("http://board/events/certificate:")
        feed_json = (await client.get("/feed/events.feed.json")).json()
        assert "external_url" not in feed_json["items"][0]
        for path in ("/", "/certificates", "/events", f"/events/{event.event_id}", "/companies/company_01"):
            page = (await client.get(path)).text
            assert "<script>alert" not in page
            assert "javascript:" not in page
            assert "&lt;script&gt;alert(1)" in page


async def test_the_feed_is_of_what_the_page_shows(board: httpx.AsyncClient) -> None:
    feed = feedparser.parse((await board.get("/feed/events.atom?scenario=ct_ffr&lang=zh")).content)
    assert len(feed.entries) == 6
    assert all("血流储备分数" in entry.title for entry in feed.entries)
    assert feed.feed.language == "zh-CN"
    items = (await board.get("/feed/events.feed.json?type=guidance")).json()["items"]
    assert len(items) == 12


async def test_the_calendar_has_the_last_days(board: httpx.AsyncClient) -> None:
    calendar = Calendar.from_ical((await board.get("/calendar.ics")).content)
    last = {str(entry["uid"]): entry.decoded("dtstart") for entry in calendar.walk("VEVENT")}
    assert last == {
        "guidance:2022-9@medpulse": date(2022, 9, 5),
        "innovation:2022-9@medpulse": date(2022, 9, 9),
    }
