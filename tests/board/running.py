"""The town's running: the standing of its sources, and what was told to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from events.base import Severity
from events.messages import Ack, Alert, Delivery, HealthState, Outcome, Reason, Silence, SourceHealth, Step
from events.view import layout

NOW = datetime(2022, 9, 1, 1, 30, tzinfo=UTC)


def sources() -> list[SourceHealth]:
    """Nine sources: one failing behind a bot wall, one degraded."""
    ids = {
        "cmde-guidance": "https://www.cmde.org.cn/flfg/zdyz/index.html",
        "cninfo": "https://www.cninfo.com.cn/new/hisAnnouncement/query",
        "fda-ai-list": "https://www.fda.gov/media/178541/download",
        "hkex-applications": "https://www1.hkexnews.hk/app/appindex.html",
        "nhsa-notices": "https://www.nhsa.gov.cn/col/col109/index.html",
        "nhsa-policy": "https://www.nhsa.gov.cn/col/col104/index.html",
        "nhsa-price-guides": "https://www.nhsa.gov.cn/col/col201/index.html",
        "nmpa-delivery": "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/index.html",
        "sse-ipo": "https://query.sse.com.cn/commonSoaQuery.do",
    }
    made = []
    for i, (source_id, url) in enumerate(ids.items()):
        outcome, state, status = {
            "nhsa-price-guides": (Outcome.CHALLENGED, HealthState.FAILING, 412),
            "cninfo": (Outcome.THROTTLED, HealthState.DEGRADED, 429),
            "nmpa-delivery": (Outcome.NEW, HealthState.HEALTHY, 200),
        }.get(source_id, (Outcome.UNCHANGED, HealthState.HEALTHY, 304))
        made.append(
            SourceHealth(
                source_id=source_id,
                outcome=outcome,
                state=state,
                at=NOW - timedelta(minutes=3 * i + 1),
                url=url,
                http_status=status,
                detail="412 with a script to run: a bot wall" if outcome is Outcome.CHALLENGED else "",
                duration_ms=240 + 170 * i,
                items_seen=0 if not outcome.healthy else 20 + i,
                items_new=int(outcome is Outcome.NEW),
                bad_in_a_row=4 if state is HealthState.FAILING else int(state is HealthState.DEGRADED),
                last_healthy_at=NOW - timedelta(hours=2),
                next_poll_at=NOW + timedelta(minutes=5 + 2 * i),
            )
        )
    return made


def polls() -> list[SourceHealth]:
    """Forty polls of each source, oldest first; the failing one drifted before it met the wall."""
    made = []
    for back in range(40, 0, -1):
        for now in sources():
            outcome = now.outcome if back < 4 else Outcome.NEW if back % 9 == 0 else Outcome.UNCHANGED
            if now.state is HealthState.FAILING and back in {4, 5}:
                outcome = Outcome.DRIFTED
            made.append(now.model_copy(update={"outcome": outcome, "at": now.at - timedelta(minutes=10 * back)}))
    return made


async def people(redis: Redis) -> None:
    """An alert that holds and is looked after, one that nobody has seen yet, an active silence and one that ended."""
    for i, (title, severity) in enumerate(
        (
            ("Source nhsa-price-guides is failing: challenged", Severity.WARNING),
            ("Nothing new of cninfo", Severity.CRITICAL),
        )
    ):
        alert = Alert(
            alert_id=f"standing:{i}",
            rule_id="source-failing",
            severity=severity,
            title=title,
            text="412 with a script to run: a bot wall",
            subject=title,
            labels={"source": "nhsa-price-guides"},
            raised_at=NOW - timedelta(hours=i + 2),
            standing=True,
        )
        await redis.hset(layout.ALERTS, alert.alert_id, alert.model_dump_json())
        await redis.zadd(layout.STANDING, {alert.alert_id: "inf"})
        await redis.zadd(layout.RAISED, {alert.alert_id: alert.raised_at.timestamp()})
    ack = Ack(alert_id="standing:0", author="li", comment="asked the bureau", at=NOW - timedelta(hours=1))
    await redis.hset(layout.ACKS, ack.alert_id, ack.model_dump_json())
    step = Step(at=NOW - timedelta(hours=2), stage="group", said="first of its group", receiver="operators")
    await redis.rpush(layout.path("standing:0"), step.model_dump_json())
    for name, ends in (("s-1", 3), ("s-2", -3)):
        silence = Silence(
            silence_id=name,
            match={"source": ("cninfo",)},
            author="wang",
            comment="moves to a new address",
            created_at=NOW - timedelta(days=1),
            starts_at=NOW - timedelta(hours=20),
            ends_at=NOW + timedelta(hours=ends),
        )
        await redis.hset(layout.SILENCES, name, silence.model_dump_json())


def told() -> list[tuple[Alert, Delivery]]:
    """Six deliveries, the newest first; one failed."""
    titles = (
        ("New Class III AI certificate: 肺结节CT影像辅助检测软件", "slack", "analysts", Reason.FIRST),
        ("New Class III AI certificate: 肺结节CT影像辅助检测软件", "email", "strategy", Reason.FIRST),
        ("DEEPVESSEL FFR is now priced in 10 provinces", "slack", "analysts", Reason.FIRST),
        ("Source nhsa-price-guides is failing: challenged", "email", "operators", Reason.REPEAT),
        ("Source cninfo is failing: throttled", "slack", "operators", Reason.RESOLVED),
        ("QFR is now priced in 10 provinces", "slack", "analysts", Reason.NEW_IN_GROUP),
    )
    made = []
    for i, (title, channel, receiver, reason) in enumerate(titles):
        at = NOW - timedelta(hours=5 * i, minutes=11)
        alert = Alert(
            alert_id=f"alert-{i}",
            rule_id="rule",
            severity=Severity.NOTICE,
            title=title,
            text="",
            subject=title,
            url="https://www.nmpa.gov.cn/",
            raised_at=at,
            illustrative=i < 2,
        )
        delivery = Delivery(
            delivery_id=f"delivery-{i}",
            alert_id=alert.alert_id,
            receiver=receiver,
            channel=channel,
            reason=reason,
            status="failed" if i == 3 else "sent",
            attempts=3 if i == 3 else 1,
            at=at,
        )
        made.append((alert, delivery))
    return made
