"""The UDI platform: releases whatever is wrong with them, feeds, searches, and the memory that a large release takes."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bench.udi import write_release
from scrapers.page import Challenged, Malformed, Page, Parsed, ParseError
from scrapers.parse import parse
from scrapers.platforms.udi import Udi
from scrapers.platforms.udi_records import certificate_of
from scrapers.platforms.udi_xml import Tally
from scrapers.platforms.udi_zip import ZipLimits
from scrapers.source import catalog
from tests.scrapers.saved import SEEN_AT, parsed

URL = "https://udi.nmpa.gov.cn/releases/UDID_DAY_UPDATE_20261122.zip"


def device(number: int, *, extra: str = "", catalogue: str = "21", name: str = "辅助检测软件", key: bool = True) -> str:
    own = f"<deviceRecordKey>k{number}</deviceRecordKey>" if key else ""
    return (
        f"<device><zxxsdycpbs>069{number:011d}</zxxsdycpbs><cpmctymc>{name}</cpmctymc>{extra}"
        f"<zczbhhzbapzbh>国械注准20263{catalogue}{number:04d}</zczbhhzbapzbh><ylqxzcrbarmc>甲公司</ylqxzcrbarmc>{own}"
        "<versionNumber>1</versionNumber><versionTime>2026-11-21</versionTime></device>"
    )


def release(*devices: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"{head}<udid version='1.0'><devices>{''.join(devices)}</devices></udid>"


def zipped(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "."), text)
    return out.getvalue()


def read(content: bytes, platform: Udi | None = None) -> Parsed:
    page = Page(catalog()["udi"], URL, content, SEEN_AT)
    return platform.parse(page) if platform else parse(page)


def keys(found: Parsed) -> list[str]:
    return [notice.item_key for notice in found.notices]


@pytest.mark.parametrize(
    "extra",
    [
        *(
            "<cpms>a\x0bb</cpms>",
            "<cpms>R&D</cpms>",
            "<cpms>5 < 6 &nbsp; &unheard;</cpms>",
            "<cpms>&#0;&#x1F;&#xD800;</cpms>",
        ),
        *(
            "<cpms><![CDATA[a & <b> ]]></cpms>",
            "<cpms>\ufffe</cpms>",
            "<!-- <note> --><spmc/>",
            "<x:y>1</x:y>",
            "<cpms>open",
        ),
        "<packingList><packing><bzcpbs>1</bzcpbs></packing></packingList>",
    ],
)
def test_what_xml_does_not_allow_costs_at_most_its_own_text(extra: str) -> None:
    found = read(release(device(1), device(2, extra=extra), device(3)).encode())
    assert keys(found) == ["k1", "k2", "k3"]
    assert found.notices[1].fields["certificate_number"] == "国械注准20263210002"
    assert found.counts["broken"] == 0


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>', "utf-8-sig"),
        ('<?xml version="1.0" encoding="GBK"?>', "gb18030"),
        ("", "utf-8"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16"),
    ],
)
def test_a_release_in_any_of_the_usual_encodings(head: str, encoding: str) -> None:
    found = read(release(device(1), head=head).encode(encoding))
    assert [n.title for n in found.notices] == ["辅助检测软件"]


def test_a_record_cut_off_or_never_closed_costs_itself() -> None:
    text = release(device(1), device(2).removesuffix("</device>"), device(3))
    assert keys(read(text.encode())) == ["k1", "k3"]
    cut, tally = text.encode()[: text.encode().rindex(b"<versionNumber>")], Tally()
    with pytest.raises(Malformed, match="cut off after 3 records"):
        read(cut)
    streamed = Udi().stream(Page(catalog()["udi"], URL, cut, SEEN_AT), tally)
    assert [notice.item_key for notice in streamed] == ["k1"]
    assert (tally.broken, tally.cut) == (2, True)


def test_an_entity_bomb_is_never_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE udid [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">'
    bomb += '<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found = read(release(device(1, extra="<cpms>&b;&f;</cpms>"), head=bomb).encode())
    assert found.notices[0].fields["description"] == "&b;&f;"


def test_one_notice_for_each_certificate_and_the_rest_is_counted() -> None:
    same = device(1).replace("<deviceRecordKey>k1<", "<deviceRecordKey>k9<")
    filed = device(4).replace("国械注准20263210004", "粤潮械备20140023")
    other, robot = device(2, catalogue="14", name="采样器"), device(3, catalogue="01", name="AI导航")
    nameless = device(5).replace("国械注准20263210005", "")
    found = read(release(device(1), same, other, robot, filed, nameless).encode())
    assert keys(found) == ["k1", "k3"]
    assert {k: v for k, v in found.counts.items() if v and k not in {"mended", "members"}} == {
        "records": 6, "kept": 2, "other": 2, "repeated": 1, "unusable": 1,
    }  # fmt: skip


def test_what_is_wanted_is_a_setting_of_the_source() -> None:
    every = catalog()["udi"].model_copy(update={"params": {}})
    page = Page(every, URL, release(device(2, catalogue="14", name="采样器")).encode(), SEEN_AT)
    assert keys(parse(page)) == ["k2"]


@pytest.mark.parametrize(
    ("stated", "parts"),
    [
        ("国械注准20263210579", ("国械注准20263210579", "3", "21")),
        ("国械注进 20233010579；国械注进20233010580", ("国械注进20233010579", "3", "01")),
        ("沪械注准20252210123", ("沪械注准20252210123", "2", "21")),
        ("国食药监械(准)字2013第3700001号", ("国食药监械(准)字2013第3700001号", "3", "70")),
        ("粤潮械备20140023", None),
        ("", None),
    ],
)
def test_a_certificate_number(stated: str, parts: tuple[str, str, str] | None) -> None:
    found = certificate_of(stated)
    assert (found and (found.number, found.device_class, found.catalogue)) == parts


def test_parts_and_zips_inside_a_zip_are_read_in_order() -> None:
    inner = zipped(a__xml=release(device(3)))
    found = read(
        zipped(
            UDID_PART10__xml=release(device(2)),
            UDID_PART2__xml=release(device(1)),
            UDID_PART11_DAY__zip=inner,
            x__txt="",
        )
    )
    assert keys(found) == ["k1", "k2", "k3"]


def test_a_damaged_member_costs_itself() -> None:
    whole = zipped(PART1__xml=release(device(1)), PART2__xml=release(device(2)), PART3__xml=release(device(3)))
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        at = file.getinfo("PART2.xml").header_offset
    broken = bytearray(whole)
    broken[at + 60 : at + 90] = b"\xff" * 30
    assert keys(read(bytes(broken))) == ["k1", "k3"]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no zip", zipped(a__xml=release(device(1)))[:-30], zipped(readme__txt="x")]
)
def test_a_zip_that_is_none_is_named(content: bytes) -> None:
    with pytest.raises(ParseError):
        read(content)


@pytest.mark.parametrize(
    ("limits", "content"),
    [
        (ZipLimits(ratio=50), zipped(a__xml=release(device(1)) + " " * 3_000_000)),
        (ZipLimits(unpacked=1000), zipped(a__xml=release(device(1)) + "x" * 2000)),
        (ZipLimits(members=2), zipped(a__xml="", b__xml="", c__xml="")),
        (ZipLimits(depth=1), zipped(a__zip=zipped(b__xml=release(device(1))))),
    ],
)
def test_a_bomb_is_refused(limits: ZipLimits, content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content, Udi(limits))


def test_a_wall_and_an_empty_release() -> None:
    with pytest.raises(Challenged):
        parsed("udi", "<html><head><script r='m'>window.$_ts={}</script></head><body></body></html>", URL)
    assert read(release().encode()).notices == ()
    with pytest.raises(ParseError, match="no release"):
        parsed("udi", "<html><body><p>维护中</p></body></html>")


def test_an_atom_feed_and_a_feed_without_items() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>UDID_FULL_RELEASE_20260801.zip</title>'
        '<link href="http://udi.nmpa.gov.cn/f/UDID_FULL_RELEASE_20260801.zip"/>'
        "<updated>2026-08-01T06:00:00+08:00</updated></entry></feed>"
    )
    found = parsed("udi", atom)
    assert [(n.item_key, str(n.published_at)) for n in found.notices] == [
        ("UDID_FULL_RELEASE_20260801.zip", "2026-07-31 22:00:00+00:00")
    ]
    assert found.releases == {}
    assert parsed("udi", "<rss version='2.0'><channel><title>x</title></channel></rss>").notices == ()


def test_a_release_that_another_site_offers_is_left_alone() -> None:
    item = "<item><title>UDID_DAY_UPDATE_20261122.zip</title><link>https://example.org/UDID_DAY_UPDATE_20261122.zip</link></item>"
    with pytest.raises(ParseError, match="not one"):
        parsed("udi", f"<rss version='2.0'><channel>{item}</channel></rss>")


def test_a_large_release_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "UDID_FULL_RELEASE_20260801.zip"
    write_release(path, 60_000)
    code = (
        "import resource,sys;from pathlib import Path;from bench.udi import _read;from scrapers.source import catalog;"
        "catalog();"
        "before=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;n=_read(Path(sys.argv[1]));"
        "print(n,(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-before)//1024)"
    )
    with zipfile.ZipFile(path) as file:
        assert sum(info.file_size for info in file.infolist()) > 60 * 1024 * 1024
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    count, grown = map(int, done.stdout.split())
    assert count == 60_000
    assert grown < 24, f"{grown} MiB more for a release of more than 60 MiB"


def test_a_release_on_disk_is_parsed_like_one_in_memory(tmp_path: Path) -> None:
    content = zipped(a__xml=release(device(1), device(2)))
    (tmp_path / "r.zip").write_bytes(content)
    page = Page(catalog()["udi"], URL, content, SEEN_AT)
    assert parse(replace(page, content=b"", spooled=tmp_path / "r.zip")) == parse(page)
