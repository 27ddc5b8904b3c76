"""Digests, from the board's figures to the mail: each one exactly once, whatever dies in between."""

from __future__ import annotations

import asyncio
import email
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway
from typer.testing import CliRunner

from alerts.channels.email import EmailChannel, Mailbox
from alerts.deliver import Deliverer, Receiver
from alerts.digest.content import Lang, Period
from alerts.digest.dress import DigestChannel
from alerts.digest.room import DigestRoom, Subscriber
from alerts.digest.settings import DigestSettings
from alerts.digest.shelf import Shelf
from alerts.ledger import Ledger, outbox
from alerts.stages.parcel import Parcel
from events.base import Severity
from events.clock import SHANGHAI, VirtualClock
from events.event import DeviceApproval
from events.messages import Reason
from events.view import layout
from events.view.reader import View
from medpulse.cli import whole
from medpulse.sector import BoardSector
from streams.store import Store
from tests.alerts.build import alert
from tests.alerts.conftest import Post
from tests.alerts.desk import always
from tests.board.town import certificates, everything

app = whole()

DAILY = DigestSettings(daily="08:30", charts=())
WEEKLY = DigestSettings(weekly="monday 08:30", charts=(), lang=Lang.ZH)
BOARD = "https://board.example.org"


def _at(text: str) -> VirtualClock:
    return VirtualClock(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC))


class Case:
    """One mailbox that gets digests, on a town that is in Redis."""

    def __init__(self, redis: Redis, post: Post) -> None:
        self.redis, self.post = redis, post
        self.sector = BoardSector(redis)

    def receiver(self, settings: DigestSettings, clock: VirtualClock) -> Receiver:
        box = Mailbox("127.0.0.1", self.post.port, "m@example.org", ("a@example.org",), security="none")
        channel = DigestChannel(EmailChannel(box, clock), self.redis, self.sector, settings, BOARD)
        return Receiver("analysts", "email", channel)

    def room(self, settings: DigestSettings, clock: VirtualClock) -> DigestRoom:
        subscriber = Subscriber(self.receiver(settings, clock), settings)
        return DigestRoom(self.redis, clock, [subscriber], self.sector, BOARD)

    async def deliver(self, settings: DigestSettings, clock: VirtualClock) -> list[EmailMessage]:
        """Send what waits; every mail that has come so far."""
        await Deliverer(self.receiver(settings, clock), Ledger(self.redis), clock).drain(always)
        return [_mail(content) for content in (one.content for one in self.post.mails) if isinstance(content, bytes)]

    async def days(self, settings: DigestSettings, first: str, count: int) -> int:
        """A room of its own, as after a restart, at a time of so many days in a row; how many digests were put."""
        clock, put = _at(first), 0
        for _ in range(count):
            put += await self.room(settings, clock).tick()
            await clock.advance_to(clock.now() + timedelta(days=1))
        return put


def _mail(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def _text(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest_asyncio.fixture
async def case(redis: Redis, post: Post) -> AsyncIterator[Case]:
    store = Store(redis)
    await store.load()
    await store.apply(everything())
    made = Case(redis, post)
    yield made
    await made.sector.aclose()


@pytest.mark.asyncio
async def test_a_day_is_told_once_however_often_the_room_starts(case: Case) -> None:
    assert await case.days(DAILY, "2022-08-25 10:00", 1) == 0, "the past is not told to who has just come"
    clock = _at("2022-08-26 08:29")
    assert await case.room(DAILY, clock).tick() == 0
    await clock.advance_to(clock.now() + timedelta(minutes=1))
    assert await case.room(DAILY, clock).tick() == 1
    (mail,) = await case.deliver(DAILY, clock)
    await clock.advance_to(clock.now() + timedelta(hours=9))
    assert await case.room(DAILY, clock).tick() == 0
    assert len(await case.deliver(DAILY, clock)) == 1
    assert mail["Subject"] == "[medpulse] Daily digest · 25 August 2022"
    said = _text(mail)
    assert "Class III AI certificates: 49 (+1)" in said
    assert "心电分析软件获批上市" in said
    assert f"{BOARD}/?as_of=2022-08-25&lang=en" in said
    (delivery,) = await View(case.redis).deliveries(9)
    assert (delivery.reason, delivery.status) == (Reason.DIGEST, "sent")
    assert delivery.alert_id == "digest:daily:2022-08-25:analysts"


@pytest.mark.asyncio
async def test_two_rooms_at_the_same_moment_send_one(case: Case) -> None:
    await case.days(DAILY, "2022-08-25 10:00", 1)
    clock = _at("2022-08-26 08:30")
    put = await asyncio.gather(*(case.room(DAILY, clock).tick() for _ in range(4)))
    assert sum(put) == 1
    assert len(await case.deliver(DAILY, clock)) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("delivered_meanwhile", [False, True])
async def test_a_room_that_died_before_its_note_sends_no_second_one(
    case: Case, monkeypatch: pytest.MonkeyPatch, delivered_meanwhile: bool
) -> None:
    await case.days(DAILY, "2022-08-25 10:00", 1)
    clock = _at("2022-08-26 08:30")

    async def dies(*_: object) -> None:
        raise RedisAway("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "finish", dies)
        with pytest.raises(RedisAway):
            await case.room(DAILY, clock).tick()
    if delivered_meanwhile:
        await case.deliver(DAILY, clock)
    await case.room(DAILY, clock).tick()
    assert await case.redis.zcard(outbox("analysts")) == (0 if delivered_meanwhile else 1)
    assert len(await case.deliver(DAILY, clock)) == 1
    assert await Shelf(case.redis).done("analysts", Period.DAILY) == date(2022, 8, 25)


@pytest.mark.asyncio
async def test_days_that_nobody_ran_are_one_digest(case: Case) -> None:
    await case.days(DAILY, "2022-08-10 10:00", 1)
    clock = _at("2022-08-26 14:00")
    assert await case.room(DAILY, clock).tick() == 1
    (mail,) = await case.deliver(DAILY, clock)
    assert mail["Subject"] == "[medpulse] [illustrative] Daily digest · 10 August 2022 – 25 August 2022"


@pytest.mark.asyncio
async def test_an_empty_day_says_so_or_is_skipped(case: Case) -> None:
    skips = DAILY.model_copy(update={"empty": "skip"})
    assert await case.days(skips, "2019-01-01 10:00", 4) == 0
    assert await Shelf(case.redis).done("analysts", Period.DAILY) == date(2019, 1, 3), "and it is done all the same"
    assert await case.days(DAILY, "2019-01-05 10:00", 1) == 1
    (mail,) = await case.deliver(DAILY, _at("2019-01-05 10:00"))
    assert "Nothing changed, and nothing was raised." in _text(mail)


@pytest.mark.asyncio
async def test_what_comes_late_is_in_the_next_one(case: Case) -> None:
    await case.days(DAILY, "2022-08-26 10:00", 2)
    late = next(iter(certificates())).model_dump() | {
        "event_id": "certificate:late",
        "certificate_number": "国械注准20223219999",
        "event_time": datetime(2022, 8, 20, 2, tzinfo=UTC),
        "detected_at": datetime(2022, 8, 27, 2, tzinfo=UTC),
        "title": "迟到的注册证",
    }
    await Store(case.redis).apply([DeviceApproval.model_validate(late)])
    clock = _at("2022-08-28 10:00")
    assert await case.room(DAILY, clock).tick() == 1
    *_, mail = await case.deliver(DAILY, clock)
    assert "Class III AI certificates: 50 (+1)" in _text(mail), (
        "it counts for the day before last, and was not told then"
    )
    assert "迟到的注册证" in _text(mail)


@pytest.mark.asyncio
async def test_the_clock_crosses_midnight_in_shanghai(case: Case) -> None:
    clock = _at("2022-08-25 23:50")
    stop = asyncio.Event()
    running = asyncio.create_task(case.room(DAILY, clock).run(stop))
    while clock.next_wake() is None:  # the room looks, finds nothing due, and goes to sleep
        await case.redis.ping()
    assert clock.next_wake() == _at("2022-08-26 08:30").now()
    await clock.advance_to(_at("2022-08-26 00:10").now())
    assert await case.redis.zcard(outbox("analysts")) == 0
    await clock.advance_to(_at("2022-08-26 08:30").now())
    while await case.redis.zcard(outbox("analysts")) == 0:
        await case.redis.ping()
    stop.set()
    await running


@pytest.mark.asyncio
async def test_alerts_of_the_period_are_in_it_the_loudest_first(case: Case) -> None:
    raised = datetime(2022, 8, 25, 3, tzinfo=UTC)
    quiet = alert(1, alert_id="a:1", title="quiet one", raised_at=raised)
    loud = alert(2, alert_id="a:2", title="loud one", raised_at=raised, severity=Severity.CRITICAL)
    old = alert(3, alert_id="a:3", title="old one", raised_at=raised - timedelta(days=1))
    for one in (quiet, loud, old):
        await case.redis.hset(layout.ALERTS, one.alert_id, one.model_dump_json())
        await case.redis.zadd(layout.RAISED, {one.alert_id: one.raised_at.timestamp()})
    await case.days(DAILY, "2022-08-25 10:00", 2)
    (mail,) = await case.deliver(DAILY, _at("2022-08-26 10:00"))
    said = _text(mail)
    assert said.index("loud one") < said.index("quiet one")
    assert "old one" not in said


@pytest.mark.asyncio
async def test_the_charts_are_inside_the_mail(case: Case) -> None:
    settings = WEEKLY.model_copy(update={"charts": ("certificates",)})
    await case.days(settings, "2022-08-22 10:00", 1)
    clock = _at("2022-08-29 08:30")
    assert await case.room(settings, clock).tick() == 1
    (mail,) = await case.deliver(settings, clock)
    assert mail["Subject"] == "[medpulse] 每周摘要 · 2022年8月22日 – 2022年8月28日"
    html = _text(mail, "html")
    assert 'src="cid:certificates@charts.medpulse"' in html
    assert 'src="http' not in html
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<certificates@charts.medpulse>"
    assert picture.get_content().startswith(b"\x89PNG")
    assert "人工智能三类证: 49 (+1)" in _text(mail)


@pytest.mark.asyncio
async def test_the_digest_of_a_route_gets_the_figures_too(case: Case) -> None:
    clock = _at("2022-08-26 09:00")
    parcel = Parcel(
        message_id="g#1",
        receiver="analysts",
        alerts=(alert(1), alert(2)),
        reason=Reason.DIGEST,
        digest="daily",
        since=clock.now() - timedelta(days=1),
        until=clock.now(),
    )
    await Ledger(case.redis).put("analysts", [parcel], clock.now())
    (mail,) = await case.deliver(DAILY, clock)
    said = _text(mail)
    assert mail["Subject"] == "[medpulse] Daily digest · 25 August 2022 – 26 August 2022"
    assert "Class III AI certificates: 49 (+1)" in said
    assert said.count("国械注准2022321000") == 2


@pytest.mark.asyncio
async def test_a_refused_digest_is_tried_again_as_it_was(case: Case) -> None:
    await case.days(DAILY, "2022-08-25 10:00", 1)
    clock = _at("2022-08-26 08:30")
    await case.room(DAILY, clock).tick()
    case.post.replies = ["451 later"]
    assert await case.deliver(DAILY, clock) == []
    await case.redis.delete(layout.timeline(layout.FIRST))  # whatever the sector says by now
    await clock.advance_to(clock.now() + timedelta(minutes=5))
    (mail,) = await case.deliver(DAILY, clock)
    assert "心电分析软件获批上市" in _text(mail)
    assert [one.attempts for one in await View(case.redis).deliveries(9)] == [2]


def test_preview_prints_and_writes(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fill() -> None:
        redis: Redis = Redis.from_url(redis_url)
        await redis.flushall()
        store = Store(redis)
        await store.load()
        await store.apply(everything())
        await redis.aclose()

    asyncio.run(fill())
    monkeypatch.setenv("MEDPULSE_REDIS", redis_url)
    monkeypatch.setenv("MEDPULSE_KAFKA", "127.0.0.1:1")
    page = tmp_path / "digest.html"
    asked = ["digest", "preview", "--period", "weekly", "--as-of", "2022-08-28", "--lang", "zh"]
    shown = CliRunner().invoke(app, [*asked, "--html", str(page), "--json"])
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert (found["start"], found["end"]) == ("2022-08-22", "2022-08-28")
    assert found["lines"][0] == {"name": "人工智能三类证", "value": 49, "change": 1}
    assert [picture["id"] for picture in found["pictures"]] == [
        "certificates",
        "scenarios",
        "modalities",
        "pricing",
        "ipo",
    ]
    assert page.read_text(encoding="utf-8").count("data:image/png;base64,") == 5
    plain = CliRunner().invoke(app, asked)
    assert "每周摘要" in plain.output
