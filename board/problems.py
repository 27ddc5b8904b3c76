"""What goes wrong, told plainly: problem details (RFC 9457) to machines, a page to people, a traceback to nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ValidationError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from starlette.exceptions import HTTPException

from board.render import NotDrawn

log = structlog.get_logger()
PROBLEM_JSON = "application/problem+json"
PAGES = frozenset({"/"})
RETRY_AFTER_SECONDS = 5
Handler = Callable[[Request, Exception], Awaitable[Response]]
ErrorPage = Callable[[Request, int, str], str]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    title: str
    status: int
    detail: str


class RedisAway(ConnectionError):
    """Redis does not answer."""


def install(app: FastAPI, error_page: ErrorPage) -> None:
    """Have the app answer every error as a `Problem`, or as the given page where a person asked for one."""

    def answer(request: Request, status: int, detail: str) -> Response:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        wants_page = request.url.path in PAGES or "text/html" in request.headers.get("accept", "")
        if wants_page and not request.url.path.startswith("/api/"):
            return HTMLResponse(error_page(request, status, detail), status, headers)
        problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
        return Response(problem.model_dump_json(), status, headers, PROBLEM_JSON)

    async def stated(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = answer(request, error.status_code, error.detail)
        response.headers.update(error.headers or {})
        return response

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, 422, _first_of(error))

    async def away(request: Request, error: Exception) -> Response:
        log.warning("board.redis_away", path=request.url.path, error=str(error))
        return answer(request, 503, "Redis does not answer, so there is nothing to show; try again shortly")

    async def unreadable(request: Request, error: Exception) -> Response:
        log.error("board.unreadable", path=request.url.path, error=str(error))
        return answer(request, 500, "something in the view could not be read; the log of the board says what")

    handlers: dict[type[Exception], Handler] = {
        HTTPException: stated,
        RequestValidationError: invalid,
        RedisAway: away,
        RedisConnectionError: away,
        RedisTimeoutError: away,
        RedisError: unreadable,
        ValidationError: unreadable,
        NotDrawn: unreadable,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _first_of(error: RequestValidationError) -> str:
    """The first fault of a request: the name of the parameter and what is wrong with it."""
    first = error.errors()[0]
    return f"{first['loc'][-1]}: {first['msg']}"
