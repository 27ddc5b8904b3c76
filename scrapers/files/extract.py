"""The text of a file of any kind that is read. Pure, and run only in a process that may die: see `scrapers.files.process`.

What reads a kind is imported where it is used: no room reads such files itself, and each of the libraries costs megabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from events.notice import AttachmentPage
from scrapers.files.kinds import Kind, kind_of

MOST_PAGES = 3000
MOST_CELLS = 2_000_000


class FileText(BaseModel):
    """The text of a file: its media type, its pages (sheets of a workbook; one of any other document), and how many it has."""

    model_config = ConfigDict(frozen=True)

    media_type: str
    pages: tuple[AttachmentPage, ...]
    total: int


class UnreadableFile(ValueError):
    """There is no text to be had from the file. The text says why."""


def extract(data: bytes) -> FileText:
    """The text of a file, pages without text left out. Raises `UnreadableFile`."""
    kind = kind_of(data)
    if kind is None:
        raise UnreadableFile("it is no PDF, Word or Excel file")
    try:
        pages, total = _pages(kind, data)
    except UnreadableFile:
        raise
    # Four libraries over bytes of anybody: what they raise is theirs, and the file is what is wrong.
    except Exception as error:
        raise UnreadableFile(f"a broken {kind.name}: {type(error).__name__}: {error}") from error
    told = tuple(page for page in pages if page.text.strip())
    if not told:
        raise UnreadableFile(f"none of its pages ({total}) holds text: they are pictures" if total else "it is empty")
    return FileText(media_type=kind.value, pages=told, total=total)


def _pages(kind: Kind, data: bytes) -> tuple[tuple[AttachmentPage, ...], int]:
    match kind:
        case Kind.PDF:
            from scrapers.extract_pdf import count_pages, pages_of_pdf  # noqa: PLC0415

            return pages_of_pdf(data, MOST_PAGES), count_pages(data)
        case Kind.DOCX:
            return _whole("\n".join(_docx_lines(data)))
        case Kind.DOC:
            from scrapers.files.word97 import text_of_doc  # noqa: PLC0415

            return _whole(text_of_doc(data))
        case Kind.XLS | Kind.XLSX:
            return _sheets(data)


def _whole(text: str) -> tuple[tuple[AttachmentPage, ...], int]:
    return (AttachmentPage(number=1, text=text),), 1


def _docx_lines(data: bytes) -> Iterator[str]:
    """Paragraphs and table rows in the order of the document; the cells of a row are separated by tabs."""
    import docx  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    document = docx.Document(io.BytesIO(data))
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:p"):
            yield Paragraph(element, document).text
        elif element.tag == qn("w:tbl"):
            for row in Table(element, document).rows:
                yield "\t".join(" ".join(cell.text.split()) for cell in row.cells)


def _sheets(data: bytes) -> tuple[tuple[AttachmentPage, ...], int]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = workbook.sheet_names
    pages = []
    for number, name in enumerate(names[:MOST_PAGES], 1):
        sheet = workbook.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            raise UnreadableFile(f"the sheet {name} is larger than {MOST_CELLS} cells")
        rows = ("\t".join(_cell(value) for value in row).rstrip() for row in sheet.to_python())
        pages.append(AttachmentPage(number=number, text="\n".join(row for row in rows if row)))
    return tuple(pages), len(names)


def _cell(value: object) -> str:
    """A cell as people see it: a whole number without the ``.0`` that a workbook keeps it with, a day without its midnight."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())
