"""Bytes to text, and the times that sites state."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from events.base import Precision
from events.clock import SHANGHAI
from scrapers.text import clean, decode, one_line
from scrapers.times import cms_stamp, from_epoch, from_path, is_date, parse_time

HONG_KONG, NEW_YORK = ZoneInfo("Asia/Hong_Kong"), ZoneInfo("America/New_York")
SAID = "国家药品监督管理局医疗器械批准证明文件送达信息，共三项。"


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("content", "content_type", "own"),
    [
        (codecs.BOM_UTF8 + SAID.encode(), "text/html; charset=gbk", "gbk"),
        (codecs.BOM_UTF16_LE + SAID.encode("utf-16-le"), None, "utf-8"),
        (SAID.encode("gb18030"), "text/html; charset=GB2312", "utf-8"),
        (SAID.encode("gb18030"), "text/html; charset=utf-8", "utf-8"),
        (b"<meta charset='utf-8'>" + SAID.encode("gb18030"), None, "utf-8"),
        (b"<meta http-equiv=Content-Type content='text/html; charset=gbk'>" + SAID.encode("gbk"), None, "utf-8"),
        (b"<script charset='iso-8859-1' r='m'></script>" + SAID.encode(), None, "utf-8"),
        (SAID.encode(), "text/html; charset=ISO-8859-1", "utf-8"),
        (SAID.encode("gb18030"), "text/html; charset=ISO-8859-1", "utf-8"),
        (SAID.encode(), "text/html; charset=gbk", "gbk"),
        (SAID.encode("big5", "replace").replace(b"?", b""), "text/html; charset=no-such-thing", "gb18030"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_is_really_in(
    content: bytes, content_type: str | None, own: str
) -> None:
    read = decode(content, content_type, own)
    assert read.replaced == 0
    assert read.text.endswith(SAID) or own == "gb18030"


def test_lost_characters_are_counted() -> None:
    read = decode((SAID + SAID).encode()[:-1] + b"\xff", "text/html; charset=utf-8")
    assert read.encoding == "utf-8"
    assert 1 <= read.replaced <= 2
    assert read.text.startswith(SAID)


def test_a_cut_off_character_does_not_change_the_encoding() -> None:
    assert decode(SAID.encode("gb18030")[:-1], "text/html; charset=gbk").text.startswith(SAID[:-2])


def test_windows_punctuation_that_was_read_as_latin_1_is_read_back() -> None:
    assert one_line("Gili \x93BioSensor\x94\x99 \x0b\u200bX\xa0Y") == "Gili “BioSensor”™ XY".replace("XY", "X Y")


def test_a_line_break_between_han_characters_is_no_space() -> None:
    assert one_line("血流储备分数\n计算软件\n(CT)") == "血流储备分数计算软件 (CT)"
    assert clean(" a\t b \n\n  c ") == "a b\nc"


@pytest.mark.parametrize(
    ("said", "instant", "precision"),
    [
        ("(2024-11-28)", _utc(2024, 11, 27, 16), Precision.DAY),
        ("（2024-11-28）", _utc(2024, 11, 27, 16), Precision.DAY),
        ("发布时间：2026-04-24", _utc(2026, 4, 23, 16), Precision.DAY),
        ("2020-09-11 08:38", _utc(2020, 9, 11, 0, 38), Precision.MINUTE),
        ("2026年3月12日 16时05分", _utc(2026, 3, 12, 8, 5), Precision.MINUTE),
        ("2026年03月12日", _utc(2026, 3, 11, 16), Precision.DAY),
        ("2025/12/7", _utc(2025, 12, 6, 16), Precision.DAY),
        ("20241128091030130", datetime(2024, 11, 28, 1, 10, 30, 130_000, tzinfo=UTC), Precision.MILLISECOND),
        ("20260707172714", _utc(2026, 7, 7, 9, 27, 14), Precision.SECOND),
        ("20260707", _utc(2026, 7, 6, 16), Precision.DAY),
        ("2026-07-13 00:00:00", _utc(2026, 7, 12, 16), Precision.DAY),
        ("11/02/2026 19:10", _utc(2026, 2, 11, 11, 10), Precision.MINUTE),
        ("17/10/2025", _utc(2025, 10, 16, 16), Precision.DAY),
        ("Jun 23, 2026", _utc(2026, 6, 22, 16), Precision.DAY),
        ("Updated: 07 Jul 2026", _utc(2026, 7, 6, 16), Precision.DAY),
    ],
)
def test_a_stated_time(said: str, instant: datetime, precision: Precision) -> None:
    assert parse_time(said, SHANGHAI) == (instant, precision)


@pytest.mark.parametrize("said", ["", None, "2024-02-30", "2024-13-01", "第100000-20号", "20261399", "soon", "12/2026"])
def test_a_date_is_never_invented(said: str | None) -> None:
    assert parse_time(said, SHANGHAI) == (None, None)


def test_fda_writes_the_month_first_and_means_washington() -> None:
    assert parse_time("09/29/2025", NEW_YORK, "mdy") == (_utc(2025, 9, 29, 4), Precision.DAY)
    assert parse_time("12/29/2021", NEW_YORK, "mdy") == (_utc(2021, 12, 29, 5), Precision.DAY)


@pytest.mark.parametrize(
    ("value", "instant", "precision"),
    [
        (1539100800000, _utc(2018, 10, 9, 16), Precision.DAY),
        (1706716799000, _utc(2024, 1, 30, 16), Precision.DAY),
        ("1721026800000", _utc(2024, 7, 15, 7), Precision.SECOND),
        (1750758855433, datetime(2025, 6, 24, 9, 54, 15, 433_000, tzinfo=UTC), Precision.MILLISECOND),
    ],
)
def test_milliseconds_since_1970(value: object, instant: datetime, precision: Precision) -> None:
    assert from_epoch(value, SHANGHAI, late_is_day=True) == (instant, precision)


@pytest.mark.parametrize("value", [None, "", "x", {}, 0, -1, 10**30, "9" * 5000])
def test_what_is_no_epoch(value: object) -> None:
    assert from_epoch(value, SHANGHAI) == (None, None)


def test_a_late_stamp_is_a_day_only_where_the_site_means_one() -> None:
    assert from_epoch(1706716799000, SHANGHAI)[1] is Precision.SECOND


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://www.nhsa.gov.cn/art/2025/12/7/art_104_18970.html", _utc(2025, 12, 6, 16)),
        ("https://ybj.beijing.gov.cn/zwgk/2024zcwj/202412/t20241231_3978283.html", _utc(2024, 12, 30, 16)),
        ("https://www1.hkexnews.hk/listedco/listconews/sehk/2026/0630/2026063000007.pdf", _utc(2026, 6, 29, 16)),
        ("https://www.nmpa.gov.cn/ylqx/ylqxggtg/20210708111147171.html", None),
    ],
)
def test_the_day_that_a_url_states(url: str, day: datetime | None) -> None:
    assert from_path(url, HONG_KONG)[0] == day


def test_the_stamp_of_the_cms_is_kept_apart_from_publication() -> None:
    made = cms_stamp("https://www.nmpa.gov.cn/ylqx/ylqxggtg/20210708111147171.html?from=list", SHANGHAI)
    assert made == datetime(2021, 7, 8, 3, 11, 47, 171_000, tzinfo=UTC)


def test_a_date_and_nothing_else() -> None:
    assert is_date(" [ 2024-11-28 ] ", SHANGHAI)
    assert not is_date("2024年11月28日医疗器械公告", SHANGHAI)
