"""For those who run it: ``/healthz`` and ``/metrics``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from redis.exceptions import RedisError, ResponseError

from board.asked import FromView, InRoom, ping
from board.problems import RedisAway
from board.prometheus import exposition
from board.reading import Reading

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """Whether the board can do its work. ``empty`` is the state of a fresh installation, and no fault.

    ``missing`` means that readers are pointed to a view that holds nothing, ``unreadable`` that Redis refused a read of it
    (a key of another kind). ``lag`` is in messages, by topic.
    """

    status: Literal["ok", "unavailable"]
    redis: Literal["answers", "away"]
    view: Literal["present", "empty", "missing", "unreadable", "unknown"]
    view_name: str | None = None
    events: int | None = None
    lag: dict[str, int] | None = None


async def health(here: InRoom) -> Health:
    """The health of the board now. Raises nothing: that Redis is away is an answer."""
    try:
        await ping(here.redis)
        reading = Reading.of(here.redis)
        events = await reading.view.count_events()
        missing = events == 0 and await reading.promised()
        return Health(
            status="unavailable" if missing else "ok",
            redis="answers",
            view="missing" if missing else "present" if events else "empty",
            view_name=await reading.view.name(),
            events=events,
            lag=await reading.view.lag(),
        )
    except ResponseError:
        return Health(status="unavailable", redis="answers", view="unreadable")
    except (RedisAway, RedisError):
        return Health(status="unavailable", redis="away", view="unknown")


@router.get("/healthz", responses={503: {"model": Health, "description": "The board cannot do its work"}})
async def healthz(found: Annotated[Health, Depends(health)], response: Response) -> Health:
    """200 if the board can do its work, else 503."""
    response.status_code = 200 if found.status == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return found


@router.get("/metrics", response_class=Response)
async def metrics(view: FromView, here: InRoom) -> Response:
    """Prometheus' text format; the names are those of `board.prometheus.TABLE`."""
    text = await exposition(view, here.today, here.clock.now())
    return Response(text, media_type=CONTENT_TYPE_LATEST)
