"""The JSON API over a filled view."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from redis.asyncio import Redis

from events.event import EVENT
from events.view.catalog import METRICS
from events.view.series import WINDOWS
from streams.store import Store
from tests.board.conftest import client_of
from tests.board.town import certificates, everything

pytestmark = pytest.mark.asyncio


async def test_summary_has_the_figures_of_the_events(board: httpx.AsyncClient) -> None:
    summary = (await board.get("/api/summary")).json()
    values = {figure["key"]: figure["value"] for figure in summary["figures"]}
    assert values == {
        "certificates": 49,
        "companies": 28,
        "scenarios": 15,
        "deep_learning": 29,
        "provinces": 11,
        "ipo": 8,
        "overseas": 60,
        "guidance": 12,
    }
    assert {row["key"]: row["value"] for row in summary["modalities"]}["CT"] == 31
    assert [row["value"] for row in summary["scenarios"]][:4] == [9, 7, 6, 6]
    assert {row["en"]: row["value"] for row in summary["pricing"]} == {
        "DEEPVESSEL FFR": 11,
        "QFR": 11,
        "Airdoc-AIFUNDUS": 5,
    }
    assert summary["certificates"][-1]["total"] == 49
    assert summary["events_total"] == len(everything())


async def test_a_day_in_the_past_shows_only_what_was_known_of_it(board: httpx.AsyncClient) -> None:
    day = date(2021, 6, 30)
    summary = (await board.get("/api/summary", params={"as_of": day.isoformat()})).json()
    known = [e for e in everything() if e.event_time is not None and e.event_time.date() <= day]
    figures = {figure["key"]: figure for figure in summary["figures"]}
    assert figures["certificates"]["value"] == sum(e.event_id.startswith("certificate:") for e in known)
    assert summary["events_total"] == len(known) < len(everything())
    assert all(event["event_time"] <= "2021-06-30T16:00" for event in summary["events"])
    assert figures["certificates"]["history"][-1] == figures["certificates"]["value"]


async def test_changes_are_those_of_the_windows(board: httpx.AsyncClient) -> None:
    figures = {f["key"]: f for f in (await board.get("/api/summary")).json()["figures"]}
    month = (await board.get("/api/metrics/class3_certificates?window=30d")).json()["value"]
    year = (await board.get("/api/metrics/class3_certificates?window=365d")).json()["value"]
    assert (figures["certificates"]["change_30d"], figures["certificates"]["change_365d"]) == (month, year)
    assert month > 0


async def test_every_metric_answers_in_every_window_and_by_every_dimension(board: httpx.AsyncClient) -> None:
    described = (await board.get("/api/metrics")).json()
    assert [one["name"] for one in described] == list(METRICS)
    for one in described:
        assert (await board.get(f"/api/metrics/{one['name']}")).json()["value"] == one["value"]
        for by in one["dimensions"]:
            answer = await board.get(f"/api/metrics/{one['name']}", params={"by": by})
            assert answer.status_code == 200, answer.text
    for window in WINDOWS:
        assert (await board.get("/api/metrics/events", params={"window": window})).json()["window"] == window


async def test_rows_have_names_for_people(board: httpx.AsyncClient) -> None:
    rows = (await board.get("/api/metrics/class3_certificates?by=scenario")).json()["rows"]
    assert rows[0] == {"key": "lung_nodule", "name": "Lung nodule", "value": 9}
    rows = (await board.get("/api/metrics/pricing_provinces?by=product")).json()["rows"]
    assert {row["key"]: row["name"] for row in rows}["pulse_qfr"] == "QFR"


async def test_events_are_paged_newest_first(board: httpx.AsyncClient) -> None:
    whole = (await board.get("/api/events", params={"limit": 200})).json()
    parts = [(await board.get("/api/events", params={"limit": 50, "offset": n})).json() for n in range(0, 200, 50)]
    assert [e["event_id"] for part in parts for e in part["items"]] == [e["event_id"] for e in whole["items"]]
    times = [e["event_time"] for e in whole["items"]]
    assert times == sorted(times, reverse=True)
    assert whole["total"] == len(whole["items"]) == len(everything())


async def test_an_event_is_found_by_its_id_whatever_characters_that_has(board: httpx.AsyncClient) -> None:
    wanted = next(e for e in everything() if e.event_id.startswith("certificate:国械"))
    answer = await board.get(f"/api/events/{wanted.event_id}")
    assert EVENT.validate_json(answer.content) == wanted


async def test_sources_and_deliveries(board: httpx.AsyncClient) -> None:
    sources = (await board.get("/api/sources")).json()
    assert {s["source_id"]: s["state"] for s in sources}["nhsa-price-guides"] == "failing"
    told = (await board.get("/api/deliveries", params={"limit": 3})).json()
    assert [one["delivery"]["delivery_id"] for one in told] == ["delivery-0", "delivery-1", "delivery-2"]
    assert told[2]["title"] == "DEEPVESSEL FFR is now priced in 10 provinces"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/metrics/nonsense", 404, "no metric is called 'nonsense'; there are certificates,"),
        ("/api/metrics/class3_certificates?by=colour", 422, "it has scenario, modality"),
        ("/api/metrics/class3_certificates?window=9d", 422, "window: Input should be '7d', '30d'"),
        ("/api/summary?as_of=2022-02-30", 422, "as_of: Input should be a valid date"),
        ("/api/summary?as_of=2022-09-02", 422, "2022-09-02 has not come yet; today in Asia/Shanghai is 2022-09-01"),
        ("/api/events?limit=501", 422, "limit: Input should be less than or equal to 500"),
        ("/api/events?offset=-1", 422, "offset: Input should be greater than or equal to 0"),
        ("/api/events/certificate:none", 404, "no event has the id 'certificate:none'"),
        ("/charts/pie.svg", 422, "chart: Input should be 'certificates'"),
        ("/nowhere", 404, "Not Found"),
    ],
)
async def test_a_bad_request_is_told_plainly(board: httpx.AsyncClient, path: str, status: int, says: str) -> None:
    answer = await board.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


async def test_writing_is_refused(board: httpx.AsyncClient) -> None:
    assert (await board.post("/api/summary")).status_code == 405


async def test_an_empty_view_answers_zeros(redis: Redis) -> None:
    async with client_of(redis) as client:
        summary = (await client.get("/api/summary")).json()
        assert {figure["value"] for figure in summary["figures"]} == {0}
        assert summary["events"] == summary["certificates"] == []
        page = await client.get("/")
        assert page.status_code == 200
        assert "No Class III AI certificate has been seen yet" in page.text


async def test_the_openapi_document_names_every_route(board: httpx.AsyncClient) -> None:
    document = (await board.get("/openapi.json")).json()
    assert set(document["paths"]) == {
        "/api/metrics",
        "/api/metrics/{name}",
        "/api/events",
        "/api/events/{event_id}",
        "/api/sources",
        "/api/deliveries",
        "/api/summary",
        "/api/stream",
        "/api/alerts",
        "/api/companies",
        "/api/derived/{name}",
        "/api/insight",
        "/api/silences",
        "/api/sources/{source_id}/polls",
        "/healthz",
        "/metrics",
    }
    assert "application/problem+json" in document["paths"]["/api/summary"]["get"]["responses"]["503"]["content"]


@pytest.mark.asyncio
async def test_a_retraction_is_in_the_figures_and_in_the_list_at_once(board: httpx.AsyncClient, filled: Redis) -> None:
    async def read() -> tuple[int, int]:
        figure = (await board.get("/api/summary")).json()["figures"][0]["value"]
        return figure, (await board.get("/api/events?metric=class3_certificates")).json()["total"]

    assert await read() == (49, 49)
    await Store(filled).apply([next(certificates()).model_copy(update={"revision": 2, "retracted": True})])
    assert await read() == (48, 48)
