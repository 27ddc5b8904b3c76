"""The table: every HTTP status and every SMTP reply, for every channel that can be given it. Retry, wait, or give up.

Each row is asked of the real channel against a server on loopback.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from enum import StrEnum

import pytest
import pytest_asyncio
from pydantic import SecretStr

from alerts.channels.alertmanager import AlertmanagerChannel
from alerts.channels.apprise import AppriseChannel
from alerts.channels.channel import Channel, ChannelError
from alerts.channels.email import EmailChannel, Mailbox
from alerts.channels.http import Target
from alerts.channels.slack import SlackBotChannel, SlackChannel
from alerts.channels.slack.bot import Bot
from alerts.channels.webhook import WebhookChannel
from events.clock import VirtualClock
from tests.alerts.build import message
from tests.alerts.conftest import Post
from tests.alerts.scripted import Scripted

IN_SECONDS, AS_DATE = "30", "Mon, 07 Mar 2022 01:02:00 GMT"
"""Retry-After in both forms; the date is 120 s after the clock's."""


class Want(StrEnum):
    """What is to become of the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    DOUBT = "retry, and mark it as a possible duplicate"
    GIVE_UP = "give up"


TAKEN = (200, 201, 202, 204, 206)
RETRIED = (408, 425, 429, 503, 507, 508, 521, 522, 523, 529)
DOUBTFUL = (500, 502, 504, 520, 524)
REFUSED = (
    *(300, 301, 302, 303, 304, 307, 308),
    *(400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424),
    *(426, 428, 431, 451, 501, 505, 506, 510, 511, 525, 526),
)
TABLE = {
    **dict.fromkeys(TAKEN, Want.DELIVERED),
    **dict.fromkeys(RETRIED, Want.RETRY),
    **dict.fromkeys(DOUBTFUL, Want.DOUBT),
    **dict.fromkeys(REFUSED, Want.GIVE_UP),
}
CODES = tuple(TABLE)
CHANNELS: dict[str, Callable[[Scripted, VirtualClock], Channel]] = {
    "webhook": lambda server, clock: WebhookChannel(Target(SecretStr(server.url)), clock),
    "alertmanager": lambda server, clock: AlertmanagerChannel(Target(SecretStr(server.url)), clock),
    "slack-webhook": lambda server, clock: SlackChannel(SecretStr(server.url), clock),
    "slack-bot": lambda server, clock: SlackBotChannel(
        Bot(SecretStr("xoxb-s3cr3t"), "C1", f"http://127.0.0.1:{server.port}/api/"), clock
    ),
    "apprise": lambda server, clock: AppriseChannel(SecretStr(f"json://u:s3cr3t@127.0.0.1:{server.port}/s3cr3t")),
}
# Slack's API says in its body whether it took a message; apprise does not tell what a service asked for.
BODIES = {"slack-bot": (b'{"ok":true,"ts":"1.2"}', b'{"ok":false,"error":"fatal_error"}')}
JSON = {"Content-Type": "application/json"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Scripted]:
    made = Scripted()
    await made.start()
    yield made
    await made.stop()


async def _outcome(channel: Channel) -> tuple[Want, float | None, str]:
    try:
        said = await channel.send(message())
    except ChannelError as error:
        if error.permanent:
            return Want.GIVE_UP, error.retry_after, str(error)
        return (Want.DOUBT if error.uncertain else Want.RETRY), error.retry_after, str(error)
    return Want.DELIVERED, None, said


def _prepare(server: Scripted, name: str, status: int) -> None:
    server.status = status
    taken, refused = BODIES.get(name, (b"ok", b"no"))
    server.body = b"" if status in {204, 304} else taken if 200 <= status < 300 else refused
    server.headers = dict(JSON)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", CHANNELS)
async def test_every_status(name: str, server: Scripted, clock: VirtualClock) -> None:
    wrong = []
    for status, wanted in TABLE.items():
        channel = CHANNELS[name](server, clock)
        if name.startswith("slack") and status in TAKEN and status != 200:
            continue  # Slack answers 200 and a body; an empty 204 is none of its answers
        _prepare(server, name, status)
        found, wait, said = await _outcome(channel)
        assert "s3cr3t" not in said
        if (found, wait) != (wanted, None):
            wrong.append((status, found, wait, said))
    assert wrong == []


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [name for name in CHANNELS if name != "apprise"])
@pytest.mark.parametrize(
    ("header", "seconds"), [(IN_SECONDS, 30.0), (AS_DATE, 120.0), ("999999", 3600.0), ("soon", None)]
)
async def test_what_asks_to_wait_is_waited_for(
    name: str, header: str, seconds: float | None, server: Scripted, clock: VirtualClock
) -> None:
    for status in (429, 503):
        _prepare(server, name, status)
        server.headers["Retry-After"] = header
        found, wait, _ = await _outcome(CHANNELS[name](server, clock))
        assert (found, wait) == (Want.RETRY, seconds)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize(
    "raw",
    [
        b"",  # closed without a word
        b"HTTP/1.1 100 Continue\r\n\r\n",  # told to go on, and then left
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",  # not HTTP at all
    ],
)
async def test_no_answer_is_a_doubt(name: str, raw: bytes, server: Scripted, clock: VirtualClock) -> None:
    server.raw = raw
    found, _, said = await _outcome(CHANNELS[name](server, clock))
    assert found is Want.DOUBT
    assert "s3cr3t" not in said


@pytest.mark.asyncio
@pytest.mark.parametrize("name", CHANNELS)
async def test_nobody_there_is_no_doubt(name: str, server: Scripted, clock: VirtualClock) -> None:
    channel = CHANNELS[name](server, clock)
    await server.stop()
    found, _, said = await _outcome(channel)
    # Of apprise one cannot know: it says as much of a connection that was refused as of one that broke.
    assert found is (Want.DOUBT if name == "apprise" else Want.RETRY)
    assert "s3cr3t" not in said


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["webhook", "alertmanager"])
async def test_a_redirect_is_not_followed(name: str, server: Scripted, clock: VirtualClock) -> None:
    server.status, server.headers = 307, {"Location": f"http://127.0.0.1:{server.port}/elsewhere"}
    assert (await _outcome(CHANNELS[name](server, clock)))[0] is Want.GIVE_UP
    assert len(server.asked) == 1


@pytest.mark.asyncio
async def test_an_answer_is_kept_short_and_inert(server: Scripted, clock: VirtualClock) -> None:
    server.body = "\x1b[2J<b>ok</b>\r\nmore \u202etxt".encode() + b"x" * 1_000_000
    said = await CHANNELS["webhook"](server, clock).send(message())
    assert said.startswith("200 [2J<b>ok</b> more txt")
    assert len(said) <= 200
    assert not set("\x1b\r\n\u202e") & set(said)


@pytest.mark.asyncio
async def test_a_body_that_never_ends_does_not_undo_the_status(server: Scripted, clock: VirtualClock) -> None:
    server.headers, server.body, server.hang = {"Content-Length": "9999"}, b"ok", True
    channel = WebhookChannel(Target(SecretStr(server.url), timeout_seconds=0.5), clock)
    assert await channel.send(message()) == "200 ok"


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "no url", "http://"])
async def test_only_http_is_spoken(url: str, clock: VirtualClock) -> None:
    found, _, _ = await _outcome(WebhookChannel(Target(SecretStr(url)), clock))
    assert found is Want.GIVE_UP


SMTP_REFUSED = (500, 501, 502, 503, 504, 521, 523, 530, 541, 550, 551, 552, 553, 554, 555, 556)
SMTP_RETRIED = (421, 430, 432, 441, 442, 446, 447, 449, 450, 451, 452, 454, 455, 471)


@pytest.mark.asyncio
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
async def test_every_smtp_reply(stage: str, post: Post, clock: VirtualClock) -> None:
    box = Mailbox("127.0.0.1", post.port, "m@example.org", ("a@example.org",), security="none")
    wrong = []
    table = {**dict.fromkeys(SMTP_RETRIED, Want.RETRY), **dict.fromkeys(SMTP_REFUSED, Want.GIVE_UP)}
    if stage == "data":  # 250 is the one good reply to a message; others that begin with 2 leave a doubt
        table |= {250: Want.DELIVERED, 251: Want.DOUBT, 252: Want.DOUBT}
    for code, wanted in table.items():
        post.stages = {stage: f"{code} 5.0.0 because"}
        found, _, said = await _outcome(EmailChannel(box, clock))
        if found is not wanted or (wanted is not Want.DELIVERED and str(code) not in said):
            wrong.append((code, found, said))
    assert wrong == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("banner", "wanted"),
    [
        (b"421 too many connections\r\n", Want.RETRY),
        (b"450 greylisted\r\n", Want.RETRY),
        (b"554 no mail for you\r\n", Want.GIVE_UP),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Want.RETRY),
        (b"", Want.RETRY),
    ],
)
async def test_a_mail_server_that_does_not_greet(banner: bytes, wanted: Want, clock: VirtualClock) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    box = Mailbox("127.0.0.1", server.sockets[0].getsockname()[1], "m@example.org", ("a@example.org",), security="none")
    found, _, _ = await _outcome(EmailChannel(box, clock))
    server.close()
    assert found in ({wanted, Want.DOUBT} if wanted is Want.RETRY else {wanted})
