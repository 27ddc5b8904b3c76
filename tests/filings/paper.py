"""Filings as companies print them, made here: pages with running heads, paragraphs and tables whose cells stand apart."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

HANS, HANT, LATIN = "STSong-Light", "MSung-Light", "Times-Roman"
_TOP, _BOTTOM, _LEFT, _RIGHT, _STEP = 770, 70, 56, 545, 16


class Paper:
    """One PDF under way. ``head`` and ``foot`` stand on every page, the foot with the number of the page."""

    def __init__(self, font: str, head: str = "", foot: str = "{page}", size: int = 9) -> None:
        if font != LATIN:
            pdfmetrics.registerFont(UnicodeCIDFont(font))
        self._font, self._size, self._head, self._foot = font, size, head, foot
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer)
        self._page, self._y = 0, 0.0
        self.turn()

    def turn(self) -> None:
        """Begin a new page."""
        if self._page:
            self._canvas.showPage()
        self._page += 1
        self._y = _TOP
        self._canvas.setFont(self._font, self._size)
        if self._head:
            self._canvas.drawString(_LEFT, 800, self._head)
        if self._foot:
            self._canvas.drawCentredString(300, 40, self._foot.format(page=self._page))

    def scanned(self) -> None:
        """A page that is a picture: a grey box and no text, not even the running head."""
        self._canvas.showPage()
        self._page += 1
        self._canvas.setFillGray(0.8)
        self._canvas.rect(_LEFT, _BOTTOM, 480, 650, fill=1)
        self._canvas.setFillGray(0)
        self.turn()

    def line(self, text: str, *, right: bool = False) -> None:
        """One line, at the left or (units of tables) at the right."""
        self._room()
        draw = self._canvas.drawRightString if right else self._canvas.drawString
        draw(_RIGHT if right else _LEFT, self._y, text)
        self._y -= _STEP

    def para(self, text: str) -> None:
        """A paragraph, broken into lines as wide as the page."""
        for part in self._broken(text):
            self.line(part)
        self._y -= _STEP / 2

    def row(self, label: str, cells: Sequence[str], *, label_width: float = 190, turn_before: bool = False) -> None:
        """A row of a table: a label, wrapped where it is long (cells beside its last line), and cells flush right."""
        if turn_before:
            self.turn()
        *above, last = self._broken(label, label_width) or [""]
        for part in above:
            self.line(part)
        self._room()
        self._canvas.drawString(_LEFT, self._y, last)
        width = (_RIGHT - _LEFT - label_width) / max(1, len(cells))
        for number, cell in enumerate(cells, 1):
            if cell:
                self._canvas.drawRightString(_LEFT + label_width + number * width, self._y, cell)
        self._y -= _STEP

    def done(self) -> bytes:
        """The file."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def _room(self) -> None:
        if self._y < _BOTTOM:
            self.turn()

    def _broken(self, text: str, width: float = _RIGHT - _LEFT) -> list[str]:
        pieces = text.split(" ") if self._font == LATIN else list(text)
        glue = " " if self._font == LATIN else ""
        lines, line = list[str](), ""
        for piece in pieces:
            longer = f"{line}{glue}{piece}" if line else piece
            if line and pdfmetrics.stringWidth(longer, self._font, self._size) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
        return [*lines, line] if line else lines
