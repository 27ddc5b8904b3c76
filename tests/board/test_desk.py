"""What people do with alerts on the board."""

from __future__ import annotations

import httpx
import pytest
from redis.asyncio import Redis

from events.messages import Silence
from events.view import layout
from events.view.desk import Desk
from tests.board.running import NOW

pytestmark = pytest.mark.asyncio


async def test_an_alert_is_taken_in_hand(board: httpx.AsyncClient, filled: Redis) -> None:
    form = {"alert_id": "standing:1", "author": "zhao <b>", "comment": "called them"}
    assert (await board.post("/alerts/ack", data=form)).status_code == 303
    found = await Desk(filled).acked("standing:1")
    assert found is not None
    assert (found.author, found.comment, found.at) == ("zhao <b>", "called them", NOW)
    page = (await board.get("/alerts/standing:1")).text
    assert "zhao &lt;b&gt; looks after it" in page


async def test_a_silence_holds_the_alert_back_until_it_is_ended(board: httpx.AsyncClient, filled: Redis) -> None:
    desk = Desk(filled)
    form = {"alert_id": "standing:1", "author": "zhao", "comment": "they are moving", "hours": "24"}
    assert (await board.post("/alerts/silence", data=form)).status_code == 303
    (held,) = await desk.silenced_by(await desk.alert("standing:1"), NOW)
    assert (held.author, (held.ends_at - NOW).total_seconds()) == ("zhao", 86_400)
    assert await desk.silenced_by(await desk.alert("standing:0"), NOW) == []
    ended = await board.post("/alerts/unsilence", data={"silence_id": held.silence_id, "author": "qian"})
    assert ended.status_code == 303
    raw = await filled.hget(layout.SILENCES, held.silence_id)
    assert raw is not None
    assert Silence.model_validate_json(raw).ended_by == "qian"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/alerts/ack", {"alert_id": "standing:1", "author": " "}, 422),
        ("/alerts/ack", {"alert_id": "nothing", "author": "a"}, 404),
        ("/alerts/silence", {"alert_id": "standing:1", "author": "a", "comment": "", "hours": "4"}, 422),
        ("/alerts/silence", {"alert_id": "standing:1", "author": "a", "comment": "b", "hours": "99999"}, 422),
        ("/alerts/unsilence", {"silence_id": "zzz", "author": "a"}, 404),
    ],
)
async def test_what_cannot_be_done_is_said(
    board: httpx.AsyncClient, path: str, form: dict[str, str], status: int
) -> None:
    assert (await board.post(path, data=form)).status_code == status


async def test_a_form_of_another_site_does_nothing(board: httpx.AsyncClient, filled: Redis) -> None:
    form = {"alert_id": "standing:1", "author": "a"}
    answer = await board.post("/alerts/ack", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert await Desk(filled).acked("standing:1") is None
