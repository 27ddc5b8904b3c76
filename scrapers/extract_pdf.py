"""The text of a PDF, page by page, with the cells of a table row on one line, however the file orders them.

Pure and without limits of its own but the number of pages: PDFium is C++ and a PDF may come from anybody, so whoever calls this
does it in a process that may die or be ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2

from events.notice import AttachmentPage

_SAME_LINE = 0.5
"""Two runs of text share a line where they overlap by half of the lower one's height: a footnote mark does, a next line not."""
_GAP = 0.15
"""Blank between two runs, in parts of their height, from which they are two words."""


class UnreadablePdf(ValueError):
    """The bytes are no PDF, a broken one, or one that asks for a password."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of characters in one font and style: where it stands (points, y upward) and what it says."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def height(self) -> float:
        return self.top - self.bottom


def pages_of_pdf(data: bytes, limit_pages: int) -> tuple[AttachmentPage, ...]:
    """The text of the first ``limit_pages`` pages, in order; of a page without text (a scanned one) an empty text.

    Raises `UnreadablePdf`.
    """
    with _opened(data) as document:
        taken = range(min(len(document), limit_pages))
        return tuple(AttachmentPage(number=index + 1, text=_text(document, index)) for index in taken)


def count_pages(data: bytes) -> int:
    """How many pages the file has. Raises `UnreadablePdf`."""
    with _opened(data) as document:
        return len(document)


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf(str(error)) from error
    try:
        yield document
    finally:
        document.close()


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    """The text of one page; a page that cannot be loaded has none."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return ""
    try:
        words = page.get_textpage()
        runs = [_run(words, at) for at in range(words.count_rects())]
        if sum(map(_letters, (run.text for run in runs))) < _letters(words.get_text_range()):
            runs = list(_by_letters(words))
        words.close()
    finally:
        page.close()
    return "\n".join(_joined(line) for line in _lines([run for run in runs if run.text.strip()]))


def _run(words: pypdfium2.PdfTextPage, at: int) -> _Run:
    left, bottom, right, top = words.get_rect(at)
    said = words.get_text_bounded(left, bottom, right, top)
    return _Run(left, bottom, right, top, " ".join(said.replace("\x00", "").split()))


def _letters(text: str) -> int:
    return sum(1 for letter in text if letter > " ")


def _by_letters(words: pypdfium2.PdfTextPage) -> Iterator[_Run]:
    """The runs put together letter by letter, from the boxes that the fonts declare. Slower by far.

    Where a font is neither embedded nor installed (STSong-Light in many a Chinese file) the letters have no shape, their tight
    boxes no height, and PDFium finds nothing inside them.
    """
    run: _Run | None = None
    for at in range(words.count_chars()):
        letter = chr(pypdfium2.raw.FPDFText_GetUnicode(words.raw, at))
        if letter <= " ":
            continue
        left, bottom, right, top = words.get_charbox(at, loose=True)
        one = _Run(left, bottom, right, top, letter)
        if run and -_GAP * run.height <= one.left - run.right < _GAP * run.height and _beside(run, one):
            run = _Run(run.left, run.bottom, one.right, run.top, run.text + letter)
        else:
            if run:
                yield run
            run = one
    if run:
        yield run


def _lines(runs: list[_Run]) -> list[list[_Run]]:
    """The runs of each line from left to right, the lines from the top."""
    lines: list[list[_Run]] = []
    for run in sorted(runs, key=lambda one: (-(one.top + one.bottom), one.left)):
        if lines and _beside(lines[-1][0], run):
            lines[-1].append(run)
        else:
            lines.append([run])
    return [sorted(line, key=lambda one: one.left) for line in lines]


def _beside(one: _Run, other: _Run) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared >= _SAME_LINE * min(one.height, other.height)


def _joined(line: list[_Run]) -> str:
    text = line[0].text
    for before, run in pairwise(line):
        near = run.left - before.right < _GAP * max(before.height, run.height)
        text += run.text if near else f" {run.text}"
    return text
