"""The e-mail channel against a real mail server."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.email import EmailChannel, Mailbox
from alerts.decide import Fact, alerts_of
from alerts.rules import load_rules
from events.clock import VirtualClock
from events.messages import HealthState
from tests.alerts.build import alert, health, hostile, message, priced
from tests.alerts.conftest import Post


def _box(post: Post, **changes: object) -> Mailbox:
    fields: dict[str, object] = {
        "host": "127.0.0.1",
        "port": post.port,
        "sender": "医疗脉搏 <medpulse@example.org>",
        "to": ("分析师 <analyst@example.org>", "second@example.org"),
        "security": "none",
        "unsubscribe": "mailto:stop@example.org",
    }
    return Mailbox(**(fields | changes))  # type: ignore[arg-type]


def _mail(post: Post) -> EmailMessage:
    (envelope,) = post.mails
    assert isinstance(envelope.content, bytes)
    parsed = email.message_from_bytes(envelope.content, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.asyncio
async def test_a_mail_arrives_whole(post: Post, clock: VirtualClock) -> None:
    answer = await EmailChannel(_box(post), clock).send(message(alert(illustrative=True)))
    assert answer == "2.0.0 queued as 1A2B"
    assert post.mails[0].rcpt_tos == ["analyst@example.org", "second@example.org"]
    mail = _mail(post)
    assert mail["Subject"] == "[medpulse] [illustrative] New Class III AI certificate: 肺结节CT影像辅助检测软件"
    assert str(mail["From"]) == "医疗脉搏 <medpulse@example.org>"
    assert mail["List-Unsubscribe"] == "<mailto:stop@example.org>"
    assert mail["Date"].datetime == clock.now()
    for kind in ("plain", "html"):
        for part in (
            "国械注准20223210001",
            "新增人工智能三类证",
            "肺结节",
            "Illustrative",
            "2022-03-07 09:00 Asia/Shanghai",
        ):
            assert part in _part(mail, kind)


@pytest.mark.asyncio
async def test_the_same_alert_has_the_same_message_id(post: Post, clock: VirtualClock) -> None:
    channel = EmailChannel(_box(post), clock)
    for sent in (message(), message(), message(alert(2))):
        await channel.send(sent)
    ids = [email.message_from_bytes(m.content)["Message-ID"] for m in post.mails if isinstance(m.content, bytes)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.asyncio
async def test_hostile_text_is_inert(post: Post, clock: VirtualClock) -> None:
    await EmailChannel(_box(post), clock).send(message(hostile()))
    mail = _mail(post)
    assert post.mails[0].rcpt_tos == ["analyst@example.org", "second@example.org"]
    assert mail["Bcc"] is None
    html = _part(mail, "html")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'href="https://evil.example/%22%3E%20%3Cb%3E%7Cx"' in html
    for text in (html, _part(mail, "plain"), mail["Subject"]):
        assert not set("\u202e\u202c\x1b") & set(text)


@pytest.mark.asyncio
async def test_starttls_and_log_in(
    secure_post: Post, clock: VirtualClock, certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    box = _box(
        secure_post,
        security="starttls",
        username="medpulse",
        password=SecretStr("hunter2"),
        ca_file=str(certificate[0]),
    )
    await EmailChannel(box, clock).send(message())
    assert secure_post.logins == ["medpulse"]
    assert len(secure_post.mails) == 1
    assert "hunter2" not in repr(box) + caplog.text


@pytest.mark.asyncio
async def test_a_wrong_password_is_permanent_and_stays_secret(
    secure_post: Post, clock: VirtualClock, certificate: tuple[Path, Path]
) -> None:
    box = _box(
        secure_post, security="starttls", username="medpulse", password=SecretStr("wr0ng"), ca_file=str(certificate[0])
    )
    with pytest.raises(ChannelError, match="535") as caught:
        await EmailChannel(box, clock).send(message())
    assert caught.value.permanent
    assert "wr0ng" not in str(caught.value)


@pytest.mark.asyncio
async def test_an_unknown_certificate_is_refused(secure_post: Post, clock: VirtualClock) -> None:
    box = _box(secure_post, security="starttls", username="medpulse", password=SecretStr("hunter2"))
    with pytest.raises(ChannelError) as caught:
        await EmailChannel(box, clock).send(message())
    assert not caught.value.uncertain
    assert secure_post.logins == []


@pytest.mark.asyncio
async def test_a_server_without_starttls_gets_nothing(post: Post, clock: VirtualClock) -> None:
    with pytest.raises(ChannelError) as caught:
        await EmailChannel(_box(post, security="starttls"), clock).send(message())
    assert caught.value.permanent
    assert post.mails == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("421 closing", False), ("451 try later", False), ("452 full", False), ("550 no", True), ("554 spam", True)],
)
async def test_refusals(post: Post, clock: VirtualClock, reply: str, permanent: bool) -> None:
    post.replies = [reply]
    with pytest.raises(ChannelError, match=reply[:3]) as caught:
        await EmailChannel(_box(post), clock).send(message())
    assert caught.value.permanent is permanent


@pytest.mark.asyncio
async def test_one_refused_recipient_is_named_and_the_others_get_it(post: Post, clock: VirtualClock) -> None:
    post.refuse = {"second@example.org"}
    answer = await EmailChannel(_box(post), clock).send(message())
    assert answer.endswith("refused: second@example.org (550)")
    assert post.mails[0].rcpt_tos == ["analyst@example.org"]
    post.refuse = {"second@example.org", "analyst@example.org"}
    with pytest.raises(ChannelError, match="every recipient") as caught:
        await EmailChannel(_box(post), clock).send(message())
    assert caught.value.permanent


@pytest.mark.asyncio
async def test_no_server_is_neither_permanent_nor_uncertain(
    post: Post, clock: VirtualClock, unused_tcp_port: int
) -> None:
    with pytest.raises(ChannelError) as caught:
        await EmailChannel(_box(post, port=unused_tcp_port), clock).send(message())
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)


@pytest.mark.asyncio
async def test_a_burst_is_one_mail_that_lists_all(post: Post, clock: VirtualClock) -> None:
    await EmailChannel(_box(post), clock).send(message(*(alert(n) for n in range(1, 50))))
    mail = _mail(post)
    assert mail["Subject"].endswith("and 48 more · 共 49 条")
    for kind in ("plain", "html"):
        assert all(f"国械注准2022321{n:04d}" in _part(mail, kind) for n in range(1, 50))


@pytest.mark.asyncio
@pytest.mark.parametrize("fact", [priced(9, 10), health(HealthState.FAILING)])
async def test_metrics_and_sources_are_told_too(post: Post, clock: VirtualClock, fact: Fact) -> None:
    (told,) = alerts_of(fact, load_rules())
    await EmailChannel(_box(post), clock).send(message(told))
    mail = _mail(post)
    assert told.title in mail["Subject"]
    assert told.labels["title_zh"] in _part(mail, "html")
