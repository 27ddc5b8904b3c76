"""What kind of file some bytes are, by what they begin with and hold; never by a name, which may say anything. Pure."""

from __future__ import annotations

import io
import zipfile
from enum import StrEnum

_PDF_WITHIN = 1024
"""Readers look for ``%PDF-`` in the first 1024 bytes (ISO 32000-1, annex H.3, note 13)."""


class Kind(StrEnum):
    """The kinds that are read, by their media types."""

    PDF = "application/pdf"
    DOC = "application/msword"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLS = "application/vnd.ms-excel"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_IN_ZIP = {"word/document.xml": Kind.DOCX, "xl/workbook.xml": Kind.XLSX, "xl/workbook.bin": Kind.XLSX}
_IN_OLE = {"WordDocument": Kind.DOC, "Workbook": Kind.XLS, "Book": Kind.XLS}


def kind_of(data: bytes) -> Kind | None:
    """The kind of a file; None for any other, and for one too broken to tell."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Kind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _in_zip(data)
    if data.startswith(_OLE):
        return _in_ole(data)
    return None


def _in_zip(data: bytes) -> Kind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    # zipfile raises half a dozen types on a broken directory; whatever it is, this is no document
    except Exception:  # noqa: BLE001
        return None
    return next((kind for name, kind in _IN_ZIP.items() if name in names), None)


def _in_ole(data: bytes) -> Kind | None:
    import olefile  # noqa: PLC0415 (no room looks into such files itself)

    try:
        with olefile.OleFileIO(data) as ole:
            return next((kind for name, kind in _IN_OLE.items() if ole.exists(name)), None)
    # olefile raises whatever its parsing of hostile bytes comes upon
    except Exception:  # noqa: BLE001
        return None
