"""The text of files of every kind that is read, and what becomes of broken and hostile ones: in a process that may die."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.notice import AttachmentPage
from scrapers.files.chosen import chosen
from scrapers.files.extract import UnreadableFile, extract
from scrapers.files.kinds import Kind, kind_of
from scrapers.files.process import FileLimits, text_of
from tests.scrapers.papers import compound, excel, old_excel, old_word, pdf, word, zipped

TABLE = [["项目编码", "价格（元）"], ["0121000001", "180.50"]]
MADE = {
    Kind.PDF: pdf("国家药监局公告\n第一条", "第二页"),
    Kind.DOCX: word(["通知", "特此通知"], TABLE),
    Kind.DOC: old_word("Notice of ", "人工智能医疗器械\r第二段\r", "end\r"),
    Kind.XLSX: excel({"价格": [["项目", "价格"], ["冠脉血流储备分数", 180.5], ["次数", 3]], "空": []}),
    Kind.XLS: old_excel("价格", [["项目", "价格"], ["冠脉血流储备分数", 180.5], ["次数", 3.0]]),
}
SAYS = {
    Kind.PDF: ["国家药监局公告\n第一条", "第二页"],
    Kind.DOCX: ["通知\n项目编码\t价格（元）\n0121000001\t180.50\n特此通知"],
    Kind.DOC: ["Notice of 人工智能医疗器械\n第二段\nend"],
    Kind.XLSX: ["项目\t价格\n冠脉血流储备分数\t180.5\n次数\t3"],
    Kind.XLS: ["项目\t价格\n冠脉血流储备分数\t180.5\n次数\t3"],
}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_known_by_its_bytes_and_read(kind: Kind) -> None:
    assert kind_of(MADE[kind]) is kind
    found = extract(MADE[kind])
    assert found.media_type == kind.value
    assert [page.text for page in found.pages] == SAYS[kind]
    assert found.total == (2 if kind in {Kind.PDF, Kind.XLSX} else 1)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", Kind)
async def test_a_process_of_its_own_says_the_same(kind: Kind) -> None:
    assert await text_of(MADE[kind]) == extract(MADE[kind])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no PDF, Word or Excel"),
        (b"<html>404</html>", "no PDF, Word or Excel"),
        (b"%PDF-1.4 nothing", "broken PDF"),
        (b"PK\x03\x04 nothing", "no PDF, Word or Excel"),
        (zipped({"word/document.xml": b"<w"}), "broken DOCX"),
        (zipped({"xl/workbook.xml": b"<w"}), "broken XLSX"),
        (zipped({"a.txt": b"a"}), "no PDF, Word or Excel"),
        (compound({"WordDocument": b"\0" * 4096}), "broken DOC"),
        (old_word("secret", flags=0x0300), "password"),
        (compound({"Workbook": b"\0" * 4096}), "broken XLS|no text|empty"),
        (pdf("", ""), "none of its pages \\(2\\) holds text: they are pictures"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        extract(data)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([Kind.DOC, Kind.DOCX, Kind.XLS]), st.data())
def test_no_mutation_raises_anything_else(kind: Kind, data: st.DataObject) -> None:
    made = bytearray(MADE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableFile):
        extract(bytes(made[: data.draw(st.integers(1, len(made)))]))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_piece_table_of_anybody_raises_anything_else(clx: bytes) -> None:
    main = bytearray(4096)
    struct.pack_into("<H", main, 0x0A, 0x0200)
    struct.pack_into("<I", main, 0x4C, 1 << 20)
    struct.pack_into("<II", main, 0x01A2, 0, len(clx))
    with suppress(UnreadableFile):
        extract(compound({"WordDocument": bytes(main), "1Table": b"\x02" + clx}))


@pytest.mark.asyncio
async def test_a_bomb_ends_its_process_and_no_other() -> None:
    cells = b'<c t="inlineStr"><is><t>' + b"A" * 400_000_000 + b"</t></is></c>"
    bomb = excel({"a": []})
    sheet = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row>"
    parts = {"xl/worksheets/sheet1.xml": sheet + cells + b"</row></sheetData></worksheet>"}
    hostile = zipped(_parts(bomb) | parts)
    assert len(hostile) < 1_000_000
    with pytest.raises(UnreadableFile, match=r"MB|broken"):
        await text_of(hostile, FileLimits(seconds=20, megabytes=600))
    assert (await text_of(MADE[Kind.DOCX])).pages


@pytest.mark.asyncio
async def test_a_file_that_takes_too_long_is_given_up() -> None:
    long = word([f"第{n}段" for n in range(3000)])
    with pytest.raises(UnreadableFile, match=r"takes more than (1|3) s"):
        await text_of(zipped(_parts(long) | {"word/document.xml": _deep()}), FileLimits(seconds=1))


def _parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _deep() -> bytes:
    """A document of very many small table rows: python-docx takes seconds for it."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    cell = "<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>"
    rows = f"<w:tr>{cell * 30}</w:tr>" * 3000
    return f'<w:document xmlns:w="{space}"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'.encode()


def test_the_pages_likeliest_to_state_facts_are_taken() -> None:
    dull = [AttachmentPage(number=n, text="目录 " * 50) for n in range(1, 40)]
    told = AttachmentPage(number=25, text="营业收入 1,234,567,890.12 元 净利润 -98,765,432.10 元")
    pages = [told if page.number == 25 else page for page in dull]
    taken = chosen(pages, 1000)
    assert told in taken
    assert [page.number for page in taken] == sorted(page.number for page in taken)
    assert sum(len(page.text.encode()) for page in taken) <= 1000
    assert chosen(pages) == tuple(pages)


def test_a_page_that_is_too_long_alone_is_cut_at_a_line() -> None:
    page = AttachmentPage(number=1, text="一二三\n四五六\n七八九")
    assert chosen([page], 22) == (AttachmentPage(number=1, text="一二三\n四五六"),)
    assert chosen([page], 5) == ()
