"""The page as HTML: its figures, its words, its links, and text that means harm."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from string import Formatter

import httpx
import pytest
from redis.asyncio import Redis

from board.dictionary import WORDS
from board.headers import POLICY
from board.pages.frame import TEMPLATES
from events.messages import Outcome, SourceHealth
from events.view import layout
from streams.store import Store
from tests.board.conftest import client_of
from tests.board.running import sources
from tests.board.town import certificates

pytestmark = pytest.mark.asyncio
HARM = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202e"


class Seen(HTMLParser):
    """The elements of a page, and the text of those with an id or a data-figure."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == "a"]


async def test_the_page_shows_figures_events_sources_and_deliveries(board: httpx.AsyncClient) -> None:
    page = (await board.get("/")).text
    assert "49 Class III AI certificates, 28 companies, 15 clinical scenarios" in page
    assert "Thursday, 1 September 2022" in page
    assert "2022-08-25 15:36" in page, "event times are those of Shanghai"
    assert re.search(r'state-failing">Failing', page)
    ledger = (await board.get("/alerts")).text
    assert "DEEPVESSEL FFR is now priced in 10 provinces" in ledger
    assert "Illustrative rows only complete a published total" in page


async def test_a_cell_of_the_heat_map_leads_to_what_it_counts_as_of_the_same_day(board: httpx.AsyncClient) -> None:
    for page, when in (("/", ""), ("/?as_of=2022-08-31", "&as_of=2022-08-31")):
        cells = [
            a for a in Seen((await board.get(page)).text).links() if (a.get("class") or "").startswith("cell heat-")
        ]
        assert len(cells) == 15
        (lungs,) = [a for a in cells if a["aria-label"] == "Lung nodule, CT: 9"]
        assert lungs["href"] == f"/certificates?scenario=lung_nodule&modality=CT{when}"
        assert (lungs["class"], cells[-1]["class"]) == ("cell heat-3", "cell heat-1")
        listed = (await board.get(lungs["href"].replace("?", ".csv?"))).text
        assert listed.count("\r\n") == 1 + 9


async def test_a_month_in_the_table_of_a_chart_leads_to_its_own_certificates(board: httpx.AsyncClient) -> None:
    page = (await board.get("/")).text
    (row,) = re.findall(r'<a href="([^"]+)"><bdi>2022-05</bdi></a></th><td class="num">(\d+)</td>', page)
    assert row == ("/certificates?since=2022-05-01&amp;as_of=2022-05-31", "3")
    listed = (await board.get("/certificates.csv?since=2022-05-01&as_of=2022-05-31")).text
    assert listed.count("\r\n") == 1 + 3


async def test_a_page_that_is_not_there_says_so_and_leads_on(board: httpx.AsyncClient) -> None:
    for lang, said in (("en", "There is no such page"), ("zh", "页面不存在")):
        answer = await board.get(f"/nowhere?lang={lang}", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert said in answer.text
        assert f'href="/certificates?lang={lang}"' in answer.text


async def test_only_illustrative_events_are_marked(board: httpx.AsyncClient) -> None:
    page = (await board.get("/")).text
    items = re.findall(r'<li data-event="([^"]+)" class="row">(.*?)</li>', page, re.DOTALL)
    marked = {event_id for event_id, inner in items if 'class="mark"' in inner}
    illustrative = {e.event_id for e in certificates() if e.illustrative}
    assert marked == illustrative & {event_id for event_id, _ in items}
    assert marked
    assert len(marked) < len(items)


async def test_chinese_by_query_or_by_browser(board: httpx.AsyncClient) -> None:
    asked = (await board.get("/?lang=zh")).text
    preferred = (await board.get("/", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})).text
    for page in (asked, preferred):
        assert '<html lang="zh-Hans">' in page
        assert "49 张人工智能三类证，28 家企业，15 个应用场景" in page
        assert "2022年9月1日 星期四" in page
    overruled = (await board.get("/?lang=en", headers={"accept-language": "zh"})).text
    assert '<html lang="en">' in overruled


async def test_a_look_back_stays_still_and_says_so(board: httpx.AsyncClient) -> None:
    page = (await board.get("/?as_of=2021-06-30")).text
    assert "A look back" in page
    assert "19 Class III AI certificates" in page
    assert "live.js" not in page
    assert "as_of=2021-06-30" in next(a["href"] or "" for a in Seen(page).links() if a.get("hreflang") == "zh")


async def test_every_answer_forbids_what_the_page_does_not_need(board: httpx.AsyncClient) -> None:
    for path in ("/", "/api/summary", "/charts/ipo.svg", "/static/board.css", "/nowhere"):
        headers = (await board.get(path)).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"


async def test_hostile_text_is_inert(redis: Redis) -> None:
    store = Store(redis)
    await store.load()
    plain = next(certificates())
    hostile = plain.model_copy(
        update={
            "title": HARM,
            "url": "javascript:alert(3)",
            "certificate_number": HARM,
            "registrant": plain.registrant and plain.registrant.model_copy(update={"name": HARM}),
        }
    )
    await store.apply([hostile])
    health = sources()[0].model_copy(update={"detail": HARM, "url": "data:text/html,<script>1</script>"})
    await redis.hset(layout.HEALTH, health.source_id, health.model_dump_json())
    async with client_of(redis) as client:
        page = (await client.get("/")).text
        seen = Seen(page)
        scripts = [attrs for tag, attrs in seen.tags if tag == "script"]
        assert [attrs.get("src") for attrs in scripts] == ["/static/live.js", "/static/keys.js"]
        assert not [attrs for _, attrs in seen.tags for name in attrs if name.startswith("on") or name == "style"]
        assert all((a["href"] or "").startswith(("/", "#", "https://", "http://")) for a in seen.links())
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{ 7*7 }}" in page
        reflected = await client.get("/?as_of=<script>alert(1)</script>", headers={"accept": "text/html"})
        assert reflected.status_code == 422
        assert "<script" not in reflected.text


async def test_links_elsewhere_give_nothing_away(board: httpx.AsyncClient) -> None:
    elsewhere = [a for a in Seen((await board.get("/")).text).links() if (a["href"] or "").startswith("http")]
    assert len(elsewhere) >= 12
    assert all("noopener" in (a.get("rel") or "") for a in elsewhere)


async def test_nothing_is_fetched_from_elsewhere(board: httpx.AsyncClient) -> None:
    page = (await board.get("/")).text
    css = "".join([(await board.get(f"/static/{name}.css")).text for name in ("board", "parts", "pages")])
    fetched = [
        attrs.get("src") or attrs.get("srcset") for tag, attrs in Seen(page).tags if tag in {"img", "script", "source"}
    ]
    fetched += [attrs.get("href") for tag, attrs in Seen(page).tags if tag == "link"]
    assert all(url is not None and url.startswith("/") for url in fetched)
    assert "url(" not in css
    assert "@import" not in css


async def test_every_outcome_and_state_has_words(redis: Redis) -> None:
    first = sources()[0]
    for outcome in Outcome:
        health = SourceHealth.model_validate(first.model_dump() | {"source_id": f"s-{outcome}", "outcome": outcome})
        await redis.hset(layout.HEALTH, health.source_id, health.model_dump_json())
    async with client_of(redis) as client:
        page = (await client.get("/sources?lang=zh")).text
    for outcome in Outcome:
        assert WORDS[f"outcome.{outcome}"][1] in page


async def test_the_dictionary_has_every_word_of_the_templates_and_no_other() -> None:
    templates = "".join(template.read_text(encoding="utf-8") for template in TEMPLATES.glob("*.html"))
    used = set(re.findall(r"""\bt\('([a-z0-9_.]+)'""", templates))
    assert {key for key in used if not key.endswith(".")} <= set(WORDS)
    plain = {key for key in WORDS if "." not in key}
    assert len(plain) > 40
    code = "".join(
        module.read_text(encoding="utf-8")
        for module in TEMPLATES.parent.rglob("*.py")
        if "dictionary" not in module.name
    )
    assert {key for key in plain if f"'{key}'" not in templates + code and f'"{key}"' not in code} == set()


async def test_both_languages_fill_the_same_places() -> None:
    for key, texts in WORDS.items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts]
        assert places[0] == places[1] or key.endswith(".one"), key


async def test_a_companys_amounts_have_their_currency(board: httpx.AsyncClient) -> None:
    text = (await board.get("/companies/airdoc")).text
    assert re.search(r">2021</a> <span class=\"faint\">CNY</span></th><td class=\"num\">115\.20 m</td>", text)
