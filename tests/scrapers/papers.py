"""Files as offices publish them, made here: PDF, Word and Excel, old and new."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import docx
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def pdf(*pages: str) -> bytes:
    """One page for each text; an empty text is a page without any."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for text in pages:
        canvas.setFont("STSong-Light", 11)
        for number, line in enumerate(text.split("\n")):
            canvas.drawString(60, 780 - 18 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def word(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A .docx with paragraphs, and a table before the last of them."""
    document = docx.Document()
    for text in paragraphs[:-1]:
        document.add_paragraph(text)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, values in zip(made.rows, table, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = value
    document.add_paragraph(paragraphs[-1])
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def excel(sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> bytes:
    """An .xlsx with inline strings."""
    ids = range(1, len(sheets) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in ids
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in zip(ids, sheets, strict=True)
    )
    links = "".join(f'<Relationship Id="r{n}" Type="{rel}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in ids)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        f"{types}</Types>",
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{links}</Relationships>",
    }
    for n, rows in zip(ids, sheets.values(), strict=True):
        lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
    return zipped({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode() for name, text in parts.items()})


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP with these files in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def old_word(*pieces: str, flags: int = 0x0200) -> bytes:
    """A .doc with its text in pieces: those of Latin letters in one byte a character, the others in two ([MS-DOC] 2.4.1)."""
    main, at, positions, descriptors = bytearray(2048), 2048, [0], b""
    for piece in pieces:
        narrow = all(ord(letter) < 128 for letter in piece)
        coded = piece.encode("cp1252" if narrow else "utf-16-le")
        where = (at * 2) | 0x40000000 if narrow else at
        descriptors += struct.pack("<HIH", 0, where, 0)
        positions.append(positions[-1] + len(piece))
        main += coded
        at += len(coded)
    table = struct.pack(f"<{len(positions)}I", *positions) + descriptors
    clx = b"\x01\x02\x00ab" + b"\x02" + struct.pack("<I", len(table)) + table
    struct.pack_into("<H", main, 0, 0xA5EC)
    struct.pack_into("<H", main, 0x0A, flags)
    struct.pack_into("<I", main, 0x4C, positions[-1])
    struct.pack_into("<II", main, 0x01A2, 0, len(clx))
    return compound({"WordDocument": bytes(main), "1Table": clx})


def old_excel(name: str, rows: Sequence[Sequence[str | float]]) -> bytes:
    """An .xls (BIFF8) with one sheet ([MS-XLS])."""
    globals_ = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    start = len(globals_) + 4 + 6 + len(title) + 4
    globals_ += _biff(0x0085, struct.pack("<IH", start, 0) + title) + _biff(0x000A, b"")
    sheet = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += _biff(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, str):
                sheet += _biff(0x0204, struct.pack("<HHHHB", y, x, 0, len(value), 1) + value.encode("utf-16-le"))
            else:
                sheet += _biff(0x0203, struct.pack("<HHHd", y, x, 0, value))
    return compound({"Workbook": globals_ + sheet + _biff(0x000A, b"")})


def _biff(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file ([MS-CFB], version 3) with these streams, padded so that none needs the small sectors."""
    padded = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    chains: list[int] = []
    starts: dict[str, int] = {}
    body = b""
    for name, content in padded.items():
        count = -(-len(content) // _SECTOR)
        starts[name] = first = len(chains)
        chains += [*range(first + 1, first + count), _END]
        body += content.ljust(count * _SECTOR, b"\0")
    directory = _entry("Root Entry", 5, _END, 0, child=1)
    names = sorted(padded, key=lambda name: (len(name), name.upper()))
    for number, name in enumerate(names, 1):
        following = number + 1 if number < len(names) else _FREE
        directory += _entry(name, 2, starts[name], len(padded[name]), right=following)
    directory = directory.ljust(_SECTOR, b"\0")
    folder, fat = len(chains), len(chains) + 1
    table = struct.pack(f"<{len(chains) + 2}I", *chains, _END, _FAT).ljust(_SECTOR, b"\xff")
    assert len(table) == _SECTOR, "one sector of the allocation table is enough for 64 kB"
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, folder, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", fat, *[_FREE] * 108)
    return head + body + directory + table


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    coded = (name + "\0").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, _FREE, right, child)
    return coded.ljust(64, b"\0") + struct.pack("<H", len(coded)) + links + bytes(36) + struct.pack("<IQ", start, size)
