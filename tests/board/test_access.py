"""Who is let in, how often one may ask, and what is sent only once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from board.access import COOKIE, SESSION_SECONDS, Gate, loopback
from board.app import create_app
from board.limits import Buckets
from board.login import inside
from events.clock import VirtualClock
from events.secrets import hide
from medpulse.errors import Failure
from medpulse.rooms import board_token
from medpulse.settings import Settings
from tests.board.running import NOW

TOKEN = "correct horse battery staple"
HTML = {"accept": "text/html"}


@asynccontextmanager
async def guarded(redis: Redis, **more: float) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a board that asks for `TOKEN`."""
    app = create_app(redis, VirtualClock(NOW), token=TOKEN, **more)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://board") as client,
    ):
        yield client


@pytest.mark.asyncio
async def test_nobody_is_let_in_without_the_token(redis: Redis) -> None:
    async with guarded(redis) as client:
        for path in (
            "/api/summary",
            "/api/stream",
            "/events.csv",
            "/feed/events.atom",
            "/openapi.json",
            "/charts/ipo.svg",
        ):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="medpulse"')
            assert answer.headers["content-type"] == "application/problem+json"
        page = await client.get("/companies?q=a", headers=HTML)
        assert (page.status_code, page.headers["location"]) == (303, "/login?next=%2Fcompanies%3Fq%3Da")
        for path in ("/healthz", "/metrics", "/static/board.css", "/login"):
            assert (await client.get(path)).status_code == 200
        for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \u00ff"):
            raw = [(b"authorization", wrong.encode("latin-1"))]
            assert (await client.get("/api/summary", headers=raw)).status_code == 401
        right = await client.get("/api/events", headers={"authorization": f"bearer {TOKEN}"})
        assert right.status_code == 200


@pytest.mark.asyncio
async def test_people_sign_in_once_and_out_again(redis: Redis) -> None:
    async with guarded(redis) as client:
        wrong = await client.post("/login", data={"token": "guess", "next": "/alerts"})
        assert wrong.status_code == 403
        assert "That is not the token." in wrong.text
        assert "guess" not in wrong.text
        answer = await client.post("/login", data={"token": TOKEN, "next": "/alerts"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert TOKEN not in cookie
        page = await client.get("/alerts", headers=HTML)
        assert page.status_code == 200
        assert TOKEN not in page.text
        out = await client.post("/logout")
        assert out.headers["location"] == "/login"
        assert (await client.get("/alerts", headers=HTML)).status_code == 303


@pytest.mark.asyncio
async def test_a_form_from_elsewhere_is_refused(redis: Redis) -> None:
    async with guarded(redis) as client:
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert (await client.post("/login", data={"token": TOKEN}, headers=headers)).status_code == 403
        here = {"origin": "http://board", "sec-fetch-site": "same-origin"}
        assert (await client.post("/login", data={"token": TOKEN}, headers=here)).status_code == 303
        assert (await client.post("/login", content=b"x" * 20_000)).status_code == 413


def test_a_cookie_ends_and_cannot_be_made_up() -> None:
    gate, now = Gate(TOKEN), NOW.timestamp()
    cookie = gate.session(now)
    assert gate.holds(cookie, now + SESSION_SECONDS - 1)
    assert not gate.holds(cookie, now + SESSION_SECONDS + 1)
    until, _, signature = cookie.partition(".")
    for forged in (f"{int(until) + 99}.{signature}", f"{until}.", until, "", f"{until}.{'0' * 64}", "١.x", ".."):
        assert not gate.holds(forged, now)
    assert not Gate("another").holds(cookie, now)
    assert TOKEN not in repr(gate)
    assert COOKIE.isidentifier()


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:1", "/a\nb", ""]
)
def test_a_sign_in_never_sends_people_elsewhere(path: str) -> None:
    assert inside(path) == "/"
    assert inside("/certificates?q=肺") == "/certificates?q=肺"


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("board", False),
    ],
)
def test_what_is_loopback(host: str, is_loopback: bool) -> None:
    assert loopback(host) is is_loopback


def test_beyond_loopback_a_token_is_needed(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="set MEDPULSE_BOARD_TOKEN or MEDPULSE_BOARD_TOKEN_FILE"):
        board_token(Settings(board_host="0.0.0.0"))
    assert board_token(Settings(board_host="0.0.0.0", board_open=True)) is None
    assert board_token(Settings()) is None
    assert board_token(Settings(board_token=SecretStr(f" {TOKEN}\n"))) == TOKEN
    file = tmp_path / "token"
    with pytest.raises(Failure, match="cannot be read"):
        board_token(Settings(board_token_file=file))
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert board_token(Settings(board_host="0.0.0.0", board_token_file=file)) == TOKEN
    assert TOKEN not in repr(Settings(board_token=SecretStr(TOKEN)))
    assert TOKEN not in hide(f"a log line with {TOKEN} in it")


def test_a_bucket_empties_and_fills() -> None:
    buckets = Buckets(rate=2.0, burst=3)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a", 0.0) == pytest.approx(0.5)
    assert buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 0.6) == 0.0
    assert buckets.take("a", 0.6) > 0.0


@pytest.mark.asyncio
async def test_one_who_asks_too_often_is_told_when_to_come_again(redis: Redis) -> None:
    async with guarded(redis, rate=0.001, burst=2) as client:
        headers = {"authorization": f"Bearer {TOKEN}"}
        answers = [await client.get("/api/silences", headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) > 100
        assert answers[2].json()["title"] == "Too Many Requests"
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.asyncio
async def test_what_one_has_is_not_sent_again(board: httpx.AsyncClient) -> None:
    for path in ("/api/summary", "/api/events?limit=3", "/certificates", "/feed/events.rss", "/calendar.ics"):
        first = await board.get(path)
        etag = first.headers["etag"]
        again = await board.get(path, headers={"if-none-match": f'"other", W/{etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert (await board.get(path, headers={"if-none-match": '"other"'})).status_code == 200
