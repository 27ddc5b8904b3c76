"""Receivers that are real: an HTTP server that behaves like Slack, a mail server with TLS and log-in."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from medpulse.embedded.process import free_port
from tests.alerts.slack_server import SlackServer


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack of this test's own."""
    server = SlackServer()
    await server.start()
    yield server
    await server.stop()


class Post:
    """The mail server's hand: keeps what arrives; answers ``replies`` to DATA first, if any are given."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.logins: list[str] = []
        self.replies: list[str] = []
        self.refuse: set[str] = set()
        self.stages: dict[str, str] = {}
        """``mail``, ``rcpt`` or ``data`` → what is always answered there."""
        self.port = 0

    async def handle_MAIL(  # noqa: N802 aiosmtpd's name
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "mail" in self.stages:
            return self.stages["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "rcpt" in self.stages:
            return self.stages["rcpt"]
        if address in self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies or "data" in self.stages:
            return self.replies.pop(0) if self.replies else self.stages["data"]
        self.mails.append(envelope)
        return "250 2.0.0 queued as 1A2B"

    def authenticate(
        self, server: smtp.SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=(data.login, data.password) == (b"medpulse", b"hunter2"), handled=False)


def _started(controller: Controller, post: Post) -> Controller:
    controller.start()
    server = controller.server
    assert isinstance(server, asyncio.Server)
    post.port = server.sockets[0].getsockname()[1]
    return controller


async def _stopped(controller: Controller) -> None:
    """Stop the server once our own side has let go of its sockets: a closed transport does so in a later turn."""
    for _ in range(3):
        await asyncio.sleep(0)
    await asyncio.to_thread(controller.stop)


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    """A relay on this machine: no TLS, no log-in."""
    hand = Post()
    controller = _started(Controller(hand, hostname="127.0.0.1", port=free_port()), hand)
    yield hand
    await _stopped(controller)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody has signed but itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest_asyncio.fixture
async def secure_post(certificate: tuple[Path, Path]) -> AsyncIterator[Post]:
    """A mail server that takes nothing before STARTTLS and a log-in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    hand = Post()
    made = Controller(
        hand,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=hand.authenticate,
    )
    controller = _started(made, hand)
    yield hand
    await _stopped(controller)
