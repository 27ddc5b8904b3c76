"""Who may look: a token where the board is not on loopback. People sign in once and have a cookie; programs send a bearer.

The token comes from the environment or a file, is compared in constant time, and is in no URL, log or page. The cookie holds
only when it ends and a signature over that; it is worth nothing under another token.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from board.problems import PROBLEM_JSON, Problem
from events.clock import Clock

COOKIE = "medpulse_session"
SESSION_SECONDS = 14 * 86_400
OPEN = ("/healthz", "/metrics", "/login", "/static/")
"""Paths that ask for no token: what a load balancer and Prometheus read, and what the sign-in page needs."""


def loopback(host: str) -> bool:
    """Whether only this machine can reach an address that the board listens on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Gate:
    """The token, or None where nobody is asked for one."""

    token: str | None = None

    def __repr__(self) -> str:
        return f"Gate(needed={self.needed})"

    @property
    def needed(self) -> bool:
        return self.token is not None

    def right(self, offered: str) -> bool:
        """Whether this is the token, in a time that does not tell how much of it is right."""
        return self.token is not None and hmac.compare_digest(_sha(offered), _sha(self.token))

    def session(self, now: float) -> str:
        """The value of a cookie for somebody who has shown the token at ``now`` (seconds since the epoch)."""
        until = str(int(now) + SESSION_SECONDS)
        return f"{until}.{self._signature(until)}"

    def holds(self, cookie: str, now: float) -> bool:
        """Whether a cookie is one of ours and has not ended."""
        until, _, signature = cookie.partition(".")
        right = hmac.compare_digest(signature.encode(), self._signature(until).encode())
        return right and until.isascii() and until.isdecimal() and int(until) > now

    def _signature(self, until: str) -> str:
        return hmac.new((self.token or "").encode(), f"medpulse board session {until}".encode(), "sha256").hexdigest()


class Access:
    """ASGI middleware: lets nobody in without the token where one is needed."""

    def __init__(self, app: ASGIApp, gate: Gate, clock: Clock) -> None:
        self._app, self._gate, self._clock = app, gate, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or not self._gate.needed
            or _open(scope["path"])
            or self._known(Headers(scope=scope))
        ):
            await self._app(scope, receive, send)
            return
        await _refusal(scope)(scope, receive, send)

    def _known(self, headers: Headers) -> bool:
        scheme, _, offered = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._gate.right(offered.strip())
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return COOKIE in cookies and self._gate.holds(cookies[COOKIE].value, self._clock.now().timestamp())


def _refusal(scope: Scope) -> Response:
    if "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith("/api/"):
        query = scope.get("query_string", b"").decode("latin-1")
        asked = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
    problem = Problem(title="Unauthorized", status=401, detail="this board asks for its token: Authorization: Bearer …")
    return Response(problem.model_dump_json(), 401, {"WWW-Authenticate": 'Bearer realm="medpulse"'}, PROBLEM_JSON)


def _open(path: str) -> bool:
    return any(path == one or (one.endswith("/") and path.startswith(one)) for one in OPEN)


def _sha(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
