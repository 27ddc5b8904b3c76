"""One walk over the catalogue: each source has a platform, a saved page, and an expectation that somebody has looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest

from scrapers.parse import parse
from scrapers.platforms import platform_of
from scrapers.source import CatalogError, Source, catalog, owner
from tests.scrapers.saved import PAGES, expected_file, load, page_files, told

NOW = datetime(2026, 7, 13, 6, 0, tzinfo=UTC)
IDS = [
    *("bse-ipo", "cmde-guidance", "cninfo", "fda-ai-list", "hkex-applications", "hkex-new-listings"),
    *("nhsa-notices", "nhsa-policy", "nhsa-price-guides", "nmpa-delivery", "sse-ipo", "szse-ipo"),
]


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", page_files(), ids=_name)
def test_a_saved_page_says_what_is_expected(file: Path) -> None:
    page = load(file)
    said = told(page, parse(page))
    expected = expected_file(file)
    if not expected.exists():
        expected.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{expected} was written: set its url, run again, and read every line of it before you commit it")
    assert said == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", page_files(), ids=_name)
def test_the_url_of_a_saved_page_leads_to_its_source(file: Path) -> None:
    page = load(file)
    found = owner(page.url)
    assert found is not None
    assert found.id == page.source.id


@pytest.mark.parametrize("source", catalog().values(), ids=lambda s: s.id)
def test_each_source_is_complete(source: Source) -> None:
    assert list((PAGES / source.id).glob("*.expected.json")), f"{source.id} has no saved page in {PAGES}"
    request = platform_of(source).first(source, NOW)
    assert source.owns(request.url), f"{source.id} does not own its first request {request.url}"
    assert urlsplit(request.url).scheme == "https" or source.status == "unverified"


@pytest.mark.parametrize("file", page_files(), ids=_name)
def test_what_follows_from_a_page_belongs_to_its_source(file: Path) -> None:
    page = load(file)
    parsed = parse(page)
    following = [*parsed.details.values(), *([parsed.next_page] if parsed.next_page else [])]
    assert all(page.source.owns(request.url) for request in following)
    assert set(parsed.details) <= {notice.item_key for notice in parsed.notices}
    assert all(notice.notice_id == f"{page.source.id}:{notice.item_key}" for notice in parsed.notices)


def test_the_ids_are_stable() -> None:
    assert set(IDS) <= set(catalog())


def test_a_source_is_a_short_file() -> None:
    files = Path(__file__).parents[2] / "scrapers" / "catalog"
    assert median(len(f.read_text(encoding="utf-8").splitlines()) for f in files.glob("*.toml")) <= 25


def test_a_source_needs_a_platform_that_there_is() -> None:
    lost = catalog()["sse-ipo"].model_copy(update={"platform": "geocities"})
    with pytest.raises(CatalogError, match="geocities"):
        platform_of(lost)


@pytest.mark.parametrize(
    ("url", "source_id"),
    [
        ("http://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/", "nmpa-delivery"),
        ("https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/index_3.html", "nmpa-delivery"),
        (
            "https://www.nmpa.gov.cn/directory/web/nmpa////zwfw/sdxx/sdxxylqx/qxpjfb/20231212142716117.html",
            "nmpa-delivery",
        ),
        ("https://www.cmde.org.cn/flfg/zdyz/fbg/fbgyy/20220309111021184.html", "cmde-guidance"),
        ("https://www.cmde.org.cn/flfg/zdyz/flmlbzh/flmlylqx/index.html", None),
        ("https://www.nhsa.gov.cn/col/col201/index.html", "nhsa-price-guides"),
        ("https://www.nhsa.gov.cn/art/2026/6/26/art_14_21122.html", None),
        (
            "https://www.nhsa.gov.cn/module/web/jpage/dataproxy.jsp?startrecord=46&endrecord=90&perpage=15#columnid=201",
            "nhsa-price-guides",
        ),
        ("http://www.cninfo.com.cn/new/hisAnnouncement/query", "cninfo"),
        ("https://www1.hkexnews.hk/ncms/json/eds/appreturned_app_gem_e.json?_=1783782010002", "hkex-applications"),
        ("https://www2.hkexnews.hk/New-Listings/New-Listing-Information/GEM?sc_lang=en", "hkex-new-listings"),
        (
            "https://query.sse.com.cn/commonSoaQuery.do?jsonCallBack=jsonpCallback1&sqlId=SH_XM_LB&issueMarketType=1,2",
            "sse-ipo",
        ),
        ("https://query.sse.com.cn/commonSoaQuery.do?sqlId=GP_COMMON_FILE_SEARCH", None),
        ("https://www.szse.cn/api/ras/projectrends/query?bizType=1&pageIndex=0", "szse-ipo"),
        ("https://www.bse.cn/projectNewsController/infoResult.do?callback=cb4", "bse-ipo"),
        ("https://www.fda.gov/media/178565/download?attachment", "fda-ai-list"),
        ("https://www.fda.gov/media/178540/download?attachment", None),
    ],
)
def test_a_url_leads_to_its_source(url: str, source_id: str | None) -> None:
    found = owner(url)
    assert (found.id if found else None) == source_id
