"""Mail over TLS: an authority of the test's own, STARTTLS and TLS from the first byte, log-in, always verified."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import trustme
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.email import EmailChannel, Mailbox
from events.clock import VirtualClock
from medpulse.embedded.process import free_port
from tests.alerts.build import message
from tests.alerts.conftest import Post, _started, _stopped

# Of TLS from the first byte aiosmtpd's own check knows nothing.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@dataclass
class Secure:
    """A mail server of one kind of security, and the file of the authority that signed it."""

    post: Post
    security: str
    authority: Path

    def box(self, **changes: object) -> Mailbox:
        fields: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.post.port,
            "sender": "m@example.org",
            "to": ("a@example.org",),
            "security": self.security,
            "username": "medpulse",
            "password": SecretStr("hunter2"),
            "ca_file": str(self.authority),
        }
        return Mailbox(**(fields | changes))  # type: ignore[arg-type]


@pytest_asyncio.fixture(params=["starttls", "tls"])
async def secure(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Secure]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    hand = Post()
    starttls = request.param == "starttls"
    made = Controller(
        hand,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context if starttls else None,
        ssl_context=None if starttls else context,
        require_starttls=starttls,
        auth_required=True,
        auth_require_tls=starttls,
        authenticator=hand.authenticate,
    )
    controller = _started(made, hand)
    yield Secure(hand, str(request.param), file)
    await _stopped(controller)


@pytest.mark.asyncio
async def test_mail_goes_through_with_a_log_in(secure: Secure, clock: VirtualClock) -> None:
    assert await EmailChannel(secure.box(), clock).send(message()) == "2.0.0 queued as 1A2B"
    assert secure.post.logins == ["medpulse"]
    assert len(secure.post.mails) == 1


@pytest.mark.asyncio
async def test_a_certificate_of_nobody_that_is_known_gets_nothing(secure: Secure, clock: VirtualClock) -> None:
    with pytest.raises(ChannelError) as caught:
        await EmailChannel(secure.box(ca_file=None), clock).send(message())
    assert not caught.value.permanent, "a certificate is mended one day: the mail waits"
    assert (secure.post.logins, secure.post.mails) == ([], [])


@pytest.mark.asyncio
async def test_a_certificate_for_another_host_gets_nothing(secure: Secure, clock: VirtualClock) -> None:
    with pytest.raises(ChannelError):
        await EmailChannel(secure.box(host="localhost"), clock).send(message())
    assert (secure.post.logins, secure.post.mails) == ([], [])
