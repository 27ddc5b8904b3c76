"""CONTRIBUTING says that a source on a known platform is three files: here one is added, and they are enough."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from scrapers.page import Page
from scrapers.parse import parse
from scrapers.platforms import platform_of
from scrapers.source import load, owner
from tests.scrapers.saved import PAGES, told

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOME = "https://www.nmpa.gov.cn/xxgk/zhcjd/index.html"


def test_three_files_add_a_source(tmp_path: Path) -> None:
    catalog, pages = tmp_path / "catalog", tmp_path / "pages" / "nmpa-readings"
    catalog.mkdir()
    pages.mkdir(parents=True)
    like = Path(__file__).parents[2] / "scrapers" / "catalog" / "nmpa-consultation.toml"
    changed = like.read_text(encoding="utf-8").replace("xxgk/+zhqyj", "xxgk/+zhcjd").replace("xxgk/zhqyj", "xxgk/zhcjd")
    one = catalog / "nmpa-readings.toml"
    one.write_text(changed.replace("nmpa-consultation", "nmpa-readings"), encoding="utf-8")
    page = (PAGES / "nmpa-consultation" / "list.html").read_bytes().replace(b"zhqyj", b"zhcjd")
    (pages / "list.html").write_bytes(page)

    source = load(one)
    assert (source.id, source.home, owner(HOME, [source])) == ("nmpa-readings", HOME, source)
    assert platform_of(source).first(source, NOW).url == HOME
    read = Page(source, HOME, page, NOW)
    said = told(read, parse(read))
    (pages / "list.html.expected.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    assert said["notices"]
    assert {notice["notice_id"].partition(":")[0] for notice in said["notices"]} == {"nmpa-readings"}
    assert said == told(read, parse(Page(source, HOME, (pages / "list.html").read_bytes(), NOW)))
    assert len([*catalog.iterdir(), *pages.iterdir()]) == 3
