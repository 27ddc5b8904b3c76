"""The index: how text is cut, what is found, and that it stays equal to the view through whatever happens to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from board.held import Held, HeldView
from board.index.ask import Asked, count, grouped, ids
from board.index.companies import By, companies, name_of, prices_of
from board.index.database import Database
from board.index.follow import Index
from board.index.projects import projects
from board.index.rows import series
from board.index.words import query, tokens
from events.base import EntityRef
from events.view import layout
from events.view.catalog import METRICS
from events.view.reader import View
from events.view.series import Measure, parse_dim_key
from streams.store import Store
from tests.board.town import certificates, everything, fill, listings, prices

TODAY = date(2022, 9, 1)


@pytest_asyncio.fixture
async def index(filled: Redis) -> AsyncIterator[Index]:
    """An index of the town."""
    made = Index(filled)
    await made.fresh()
    yield made
    await made.aclose()


def test_text_is_cut_into_pairs_and_words() -> None:
    assert tokens("肺结节CT影像") == "肺结 结节 节 ct 影像 像"
    assert tokens("數坤科技 ＣＴ－ＦＦＲ") == "数坤 坤科 科技 技 ct ffr"
    assert query("肺结节 ct-f") == '"肺结 结节" "ct"* "f"*'
    assert query('" OR * NEAR( - ') == '"or"* "near"*'
    assert query("\u202e!?") == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_typed_is_a_syntax_error_and_a_text_finds_itself(text: str, around: str) -> None:
    database = Database()
    database.rows("SELECT 1")
    database._sql.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (tokens(f"{around} {text} {around}"),))
    asked = query(text)
    if asked:
        assert database.rows("SELECT rowid FROM words WHERE words MATCH ?", (asked,)) == [(1,)]
    database.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("words", "least"),
    [
        ("肺结节", 9),
        ("肺", 9),
        ("节", 9),
        ("lung nodule", 9),
        ("LUNG", 9),
        ("國械注準2020", 1),
        ("Company 01 肺", 1),
        ("deepvessel 北京", 1),
        ("Beijing QFR", 1),
    ],
)
async def test_events_are_found_in_chinese_and_english(index: Index, words: str, least: int) -> None:
    assert await count(index, Asked(until=TODAY, text=words)) >= least
    assert await count(index, Asked(until=TODAY, text=f"{words} 没有这样的词")) == 0


@pytest.mark.asyncio
async def test_a_figure_is_as_many_as_the_events_that_it_leads_to(index: Index, filled: Redis) -> None:
    view = View(filled)
    for spec in METRICS.values():
        if spec.measure is not Measure.COUNT:
            continue
        assert await count(index, Asked(until=TODAY, counted=series(spec.name))) == await view.value(spec.name, TODAY)
        for dim in spec.dims:
            for value, n in (await view.table(spec.name, dim, TODAY)).items():
                assert await count(index, Asked(until=TODAY, counted=series(spec.name, f"{dim}={value}"))) == n


@pytest.mark.asyncio
async def test_a_day_in_the_past_holds_what_was_known_of_it(index: Index, filled: Redis) -> None:
    day = date(2021, 6, 30)
    known = [e for e in everything() if e.event_time is not None and e.event_time.date() <= day]
    assert await count(index, Asked(until=day)) == len(known)
    assert (await ids(index, Asked(until=day), 1))[0] == max(known, key=lambda e: (e.event_time, e.event_id)).event_id
    assert dict(await grouped(index, Asked(until=day), "type"))["device_approval"] == await View(filled).value(
        "certificates", day
    )


@pytest.mark.asyncio
async def test_it_follows_corrections_and_retractions(index: Index, filled: Redis) -> None:
    store, first = Store(filled), next(certificates())
    corrected = first.model_copy(update={"revision": 2, "title": "胰腺分割软件", "product_name": "胰腺分割软件"})
    await store.apply([corrected])
    await index.fresh()
    assert await ids(index, Asked(until=TODAY, text="胰腺"), 9) == [first.event_id]
    before = await count(index, Asked(until=TODAY))
    await store.apply([corrected.model_copy(update={"revision": 3, "retracted": True})])
    await index.fresh()
    assert await count(index, Asked(until=TODAY, text="胰腺")) == 0
    assert await count(index, Asked(until=TODAY)) == before - 1
    assert await count(index, Asked(until=TODAY, counted=series("class3_certificates"))) == 48
    past = await filled.lrange(layout.past(layout.FIRST, first.event_id), 0, -1)
    assert len(past) == 2, "what it said is still there to be read"


@pytest.mark.asyncio
async def test_a_view_that_was_switched_or_emptied_is_loaded_afresh(index: Index, filled: Redis) -> None:
    other = Store(filled, "v2")
    await other.apply(list(certificates())[:3])
    await filled.set(layout.LIVE, "v2")
    assert (await index.fresh()).view == "v2"
    assert await count(index, Asked(until=TODAY)) == 3
    await filled.flushall()
    await index.fresh()
    assert await count(index, Asked(until=TODAY)) == 0
    await fill(filled)
    await index.fresh()
    assert await count(index, Asked(until=TODAY)) == len(everything())


@pytest.mark.asyncio
async def test_companies_are_listed_counted_and_named(index: Index) -> None:
    total, found = await companies(index, TODAY, By.CERTIFICATES, "", 100, 0, holding=True)
    assert total == len(found) == 28
    assert sum(one.certificates for one in found) == 49
    _, named = await companies(index, TODAY, By.NAME, "鹰瞳", 10, 0)
    assert [one.id for one in named] == ["airdoc"]
    assert await name_of(index, "pulse_qfr") == "QFR"
    total, none = await companies(index, TODAY, By.NAME, "'; DROP TABLE event; --", 10, 0)
    assert (total, none) == (0, [])


@pytest.mark.asyncio
async def test_a_series_is_read_again_only_when_an_event_that_counts_in_it_has_changed(
    index: Index, filled: Redis
) -> None:
    held, store, first = Held(index), Store(filled), next(certificates())
    deep, guidance = ("class3_certificates", "algorithm=deep"), ("guidance_documents", "")

    async def values() -> list[int]:
        await index.fresh()
        view = HeldView(filled, held)
        return [await view.value(name, TODAY, parse_dim_key(key)) for name, key in (deep, guidance)]

    def kept() -> list[bool]:
        return [held.get((layout.FIRST, *name)) is not None for name in (deep, guidance)]

    assert await values() == [29, 12]
    assert kept() == [True, True]
    labels = first.labels.model_copy(update={"algorithm": ()})
    await store.apply([first.model_copy(update={"revision": 2, "labels": labels})])
    await index.fresh()
    assert kept() == [False, True], "what it counted in before is touched too"
    assert (
        await values()
        == [28, 12]
        == [await View(filled).value("class3_certificates", TODAY, {"algorithm": "deep"}), 12]
    )
    await store.apply([first.model_copy(update={"revision": 3, "retracted": True})])
    assert await values() == [28, 12]
    await filled.set(layout.LIVE, "v2")
    assert await values() == [0, 0]


@pytest.mark.asyncio
async def test_every_figure_from_memory_is_that_of_redis_after_each_change(index: Index, filled: Redis) -> None:
    held, plain = Held(index), View(filled)
    for event in (*list(certificates())[:2], *list(listings())[:2], next(prices())):
        await Store(filled).apply([event.model_copy(update={"revision": 2, "retracted": True})])
        await index.fresh()
        view = HeldView(filled, held)
        for spec in METRICS.values():
            assert await view.value(spec.name, TODAY) == await plain.value(spec.name, TODAY)
            for dim in spec.dims:
                assert await view.table(spec.name, dim, TODAY) == await plain.table(spec.name, dim, TODAY)
        for name in ("funnel_products", "distance_to_profitability", "revenue"):
            assert await view.derived(name, TODAY) == await plain.derived(name, TODAY)


@pytest.mark.asyncio
async def test_applications_are_listed_by_their_last_move_with_all_of_them(index: Index) -> None:
    found = await projects(index, TODAY)
    assert len(found) == 8
    assert [(one.exchange, one.stage) for one in found[:2]] == [("SSE", "accepted"), ("SZSE", "committee")]
    assert [len(one.moves) for one in found if one.stage == "committee"] == [2]
    assert len(await projects(index, TODAY, stage="inquiry", exchange="HKEX")) == 2
    assert len(await projects(index, date(2020, 6, 1))) == 0


@pytest.mark.asyncio
async def test_prices_of_a_company_are_those_of_its_products(index: Index, filled: Redis) -> None:
    product = EntityRef(id="pulse_qfr", name="QFR")
    await Store(filled).apply([next(certificates()).model_copy(update={"revision": 2, "product": product})])
    await index.fresh()
    found = await prices_of(index, "company_01", TODAY, 50)
    assert len(found) == 11
    assert set(found) == {p.event_id for p in prices() if p.product == product}
    assert await prices_of(index, "company_02", TODAY, 50) == []


@pytest.mark.asyncio
@pytest.mark.parametrize("sort", list(By))
async def test_a_part_of_the_list_of_companies_says_how_many_there_are(index: Index, sort: By) -> None:
    total, first = await companies(index, TODAY, sort, "", 5, 0)
    assert len(first) == 5 < total
    assert await companies(index, TODAY, sort, "", 5, 10_000) == (total, [])


@pytest.mark.asyncio
async def test_conditions_together_are_those_one_by_one(index: Index) -> None:
    questions = [
        Asked(until=TODAY, tags=tags, text=text, counted=counted, since=since)
        for tags in ((), ("type=price_item",), ("province=hunan",), ("type=price_item", "product=pulse_qfr"))
        for text in ("", "QFR")
        for counted in ("", series("pricing_provinces"))
        for since in (None, date(2021, 6, 1))
    ]
    for asked in questions:
        found = await ids(index, asked, 1000)
        sets = [set(await ids(index, Asked(until=TODAY, since=asked.since, tags=(one,)), 1000)) for one in asked.tags]
        sets.append(set(await ids(index, Asked(until=TODAY, since=asked.since, text=asked.text), 1000)))
        sets.append(set(await ids(index, Asked(until=TODAY, since=asked.since, counted=asked.counted), 1000)))
        assert set(found) == set.intersection(*sets)
        assert await count(index, asked) == len(found)
        assert sum(n for _, n in await grouped(index, asked, "type")) == len(found)
