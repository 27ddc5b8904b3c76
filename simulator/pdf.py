"""A PDF of plain lines, as small as the format allows. Its font is named and not embedded, as in many Chinese files.

Source of the layout: ISO 32000-1, 7.5 (file structure), 9.7.5 (the predefined CMap UniCNS-UTF16-H).
"""

from __future__ import annotations

from collections.abc import Sequence

_SIZE, _LEFT, _TOP, _STEP = 9, 50, 790, 16
_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/MSung-Light/Encoding/UniCNS-UTF16-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
    b"/BaseFont/MSung-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(CNS1)/Supplement 0>>/DW 500/W[596 17600 1000]"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/MSung-Light/Flags 6/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880"
    b"/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A page for each list of lines."""
    kids = [f"{4 + 2 * number} 0 R" for number in range(len(pages))]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>".encode(),
        _FONT,
    ]
    for number, lines in enumerate(pages):
        head = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
        objects += [f"{head}/Contents {5 + 2 * number} 0 R>>".encode(), _stream(_drawn(lines))]
    return _file(objects)


def _drawn(lines: Sequence[str]) -> bytes:
    shown = [f"<{line.encode('utf-16-be').hex()}> Tj 0 -{_STEP} Td" for line in lines]
    return f"BT /F {_SIZE} Tf {_LEFT} {_TOP} Td {' '.join(shown)} ET".encode()


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n", list[int]()
    for number, said in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, said)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return body + head + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
