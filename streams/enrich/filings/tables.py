"""Rows of tables: a whole label that names a figure, cells that fit the head above it, a unit and a currency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from streams.enrich.filings import labels, periods, units
from streams.enrich.filings.heads import Column, Head
from streams.enrich.filings.labels import Label
from streams.enrich.filings.periods import Period
from streams.enrich.filings.reading import Reading, Refused
from streams.enrich.filings.units import PERCENT, Cell, Unit
from streams.enrich.filings.words import Line, chapters

_PARENT = re.compile(
    r"母公司(?:财务报表|利润表|资产负债表|现金流量表|所有者权益)|statements? of [\w ]+ of the (?:company|parent)\b|本公司(?:财务状况表|资产负债表)"  # noqa: E501
    r"|parent company",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"合并|综合|consolidated", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[。;；!?]$|[a-z)]\.$|[。;]")
_SECTION = re.compile(
    r"^(?:第[一二三四五六七八九十\d]+[章节]|[一二三四五六七八九十]+[、.]|\([一二三四五六七八九十\d]+\)|\d{1,2}[、.)]\s?)[^:]*$"
    r"|(?:表|概要|摘要|情况|分析|构成|明细|资料|数据|statements?|summary|information|highlights|results|position|flows?|income|loss)$",
    re.IGNORECASE,
)
_SUBHEAD = re.compile(
    r"[::]$|^(?:continuing operations?|(?:non-)?current (?:assets|liabilities)|assets|liabilities|equity|operating expenses|持续经营(?:业务)?"  # noqa: E501
    r"|(?:非)?流动资产|(?:非)?流动负债|资产|负债|权益)$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\s+(?:[一二三四五六七八九十]{1,3}(?:[、.]\s?\d{1,3}|\([一二三四五六七八九十\d]{1,5}\))|\d{1,2}\([a-z]\)|\d{1,2}[.,]\d{1,2}(?:\([a-z]\))?|\d{1,2}(?:,\d{1,2})+)$",
    re.IGNORECASE,
)
_CUSTOMERS = re.compile(r"(?:主要|前(?:五|5)\s?(?:名|大)|五大)(?:销售)?客户")
_SUPPLIERS = re.compile(r"供应商")
_AMOUNT = re.compile(r"\d,\d{3}")
_FIVE = 5
_LONGEST = 300
"""Characters; whatever is longer is no line of a table."""
_GO_ON = re.compile(r"^\((?!净?亏损|[一二三四五六七八九十\d]+\))")
_SEVERAL = re.compile(r"[\u4e00-\u9fff)] [\u4e00-\u9fff(]")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a document before its tables are read: its period, whether bare years are calendar years, the unit that
    it states for all, the currency of a bare 元, and whether the years that it speaks of end in December."""

    now: Period | None
    calendar: bool
    unit: Unit | None
    yuan: str | None
    december: bool = False


@dataclass
class _Table:
    setting: Setting
    head: Head = field(init=False)
    in_rows: bool = False
    parent: bool = False
    customers: int | None = None
    above: str = ""

    def __post_init__(self) -> None:
        self.anew()

    def anew(self) -> None:
        self.head = Head(self.setting.now, self.setting.calendar)
        self.in_rows, self.above = False, ""


def read(found: Sequence[Line], setting: Setting) -> Iterator[Reading | Refused]:
    """Every row that names a figure, read or refused."""
    for chapter in chapters(found):
        table = _Table(setting)
        for at, line in enumerate(chapter):
            following = chapter[at + 1] if at + 1 < len(chapter) else None
            yield from _line(table, line, following)


def _line(table: _Table, line: Line, following: Line | None) -> Iterator[Reading | Refused]:
    text = line.text
    if len(text) > _LONGEST:
        table.anew()
        return
    if _PARENT.search(text) and not _ENDS_SENTENCE.search(text):
        table.parent = True
        table.anew()
        return
    if _WHOLE.search(text) and not _ENDS_SENTENCE.search(text):
        table.parent = False
    name, row = units.cells(text)
    _count_customers(table, text, row)
    if row and name and re.search(r"[\u4e00-\u9fffA-Za-z]", name) and not _is_head(table, text):
        yield from _row(table, line, name, row, following)
        table.in_rows, table.above = True, ""
        return
    if _is_head(table, text):
        if table.in_rows:
            table.anew()
        table.head.take(text)
        table.above = ""
        return
    _words(table, text)


def _count_customers(table: _Table, text: str, row: Sequence[Cell]) -> None:
    """How many numbered rows stand under a title of the largest customers; None elsewhere."""
    if not row and (_CUSTOMERS.search(text) or _SUPPLIERS.search(text)) and not _ENDS_SENTENCE.search(text):
        table.customers = None if _SUPPLIERS.search(text) else 0
    elif table.customers is not None and re.match(r"[1-5]\s?[^\d\s.,、)].*\d", text):
        table.customers += 1


def _is_head(table: _Table, text: str) -> bool:
    return Head(table.setting.now, table.setting.calendar).take(text)


def _words(table: _Table, text: str) -> None:
    """A line without cells: a sentence or a title ends the table, the head of another one too; half a label does not."""
    if (_SUBHEAD.search(text) and len(text) < 60) or _AMOUNT.search(text):
        table.above = ""
    elif _ENDS_SENTENCE.search(text) or _SECTION.search(text) or _SEVERAL.search(text) or len(text) > 100:
        table.anew()
    elif re.search(r"[\u4e00-\u9fffA-Za-z]", text):
        table.above = text if not table.above else f"{table.above}{_glue(table.above)}{text}"


def _glue(text: str) -> str:
    return "" if "\u4e00" <= text[-1] <= "\u9fff" else " "


def _row(table: _Table, line: Line, name: str, row: list[Cell], following: Line | None) -> Iterator[Reading | Refused]:
    if table.head.noted:
        name = _NOTE.sub("", name)
    whole = f"{table.above}{_glue(table.above)}{name}" if table.above else name
    if following and _GO_ON.match(following.text) and not units.cells(following.text)[1]:
        whole += following.text
    if table.parent:
        return
    if labels.SHARE.fullmatch(labels.bare(whole)[0].replace(" ", "")):
        yield from _share(table, line, row)
        return
    if table.customers == _FIVE and labels.bare(whole)[0] in {"合计", "小计"}:
        table.customers = None
        yield from _share(table, line, [cell for cell in row if cell.percent])
        return
    told = labels.label(whole)
    day = labels.dated_cash(whole)
    if told is None and day is None:
        return
    figure = told or Label("cash")
    columns = table.head.layout(table.setting.unit)
    cells = _fitted(row, columns, noted=table.head.noted)
    if cells is None:
        reason = "no period is stated above it" if not columns else "its cells do not fit the head of its table"
        yield Refused(figure.figure, line.page, line.raw, reason)
        return
    if day is not None and not _ends_on(day, columns):
        return
    yield from _amounts(table, line, figure, list(zip(columns, cells, strict=True)))


def _fitted(row: list[Cell], columns: Sequence[Column], *, noted: bool) -> list[Cell] | None:
    """A cell for each column: all of them, or without the number of a note before them, or without shares beside them."""
    if not columns:
        return None
    if len(row) == len(columns):
        first = row[0]
        if noted and len(columns) > 1 and _is_note(first) and row[-1].percent:
            return None
        return row
    if noted and len(row) == len(columns) + 1 and _is_note(row[0]):
        return row[1:]
    plain = [cell for cell in row if not cell.percent]
    if (
        len(plain) == len(columns)
        and all(column.unit is not PERCENT for column in columns)
        and None not in [c.period for c in columns]
    ):
        return plain
    return None


def _is_note(cell: Cell) -> bool:
    return bool(re.fullmatch(r"\d{1,2}", cell.text))


def _ends_on(day: str, columns: Sequence[Column]) -> bool:
    """Whether a day in a label is the last of every period of the table: 31 March is, 1 April begins one."""
    told = periods.found(day if day.startswith("于") else f"at {day}")
    return bool(told) and all(
        (one.month, one.day) == (column.period[1].month, column.period[1].day)
        if not one.period
        else one.period[1] == column.period[1]
        for one in told[:1]
        for column in columns
        if column.period
    )


def _amounts(table: _Table, line: Line, figure: Label, pairs: list[tuple[Column, Cell]]) -> Iterator[Reading | Refused]:
    money = [(column, cell) for column, cell in pairs if column.period and not cell.percent and cell.number is not None]
    signs = {cell.bracketed or (cell.number or 0) < 0 for _, cell in money if cell.number}
    if figure.loss and len(signs) > 1:
        yield Refused(figure.figure, line.page, line.raw, "some of its losses stand in brackets and some do not")
        return
    for column, cell in money:
        assert column.period is not None
        assert cell.number is not None
        unit = _unit(figure.unit, column.unit, table.setting)
        if unit is None or unit.currency is None:
            reason = "no unit is stated" if unit is None else "its unit names no currency"
            yield Refused(figure.figure, line.page, line.raw, reason)
            return
        value = unit.minor(cell.number)
        if value is None:
            yield Refused(figure.figure, line.page, line.raw, "it states less than a fen")
            continue
        yield Reading(
            figure.figure, column.period, _signed(figure, value), 0, unit.currency, line.page, line.raw, "table"
        )


def _signed(figure: Label, value: int) -> int:
    """An expense without the brackets that deduct it; a loss below nought."""
    if figure.figure == "rd_expense":
        return abs(value)
    return -abs(value) if figure.loss else value


def _unit(own: str, column: Unit | None, setting: Setting) -> Unit | None:
    """The unit of the label itself, else of its column; a bare 元 is of the currency that the document names."""
    stated = units.found(f"单位:{own}") if own else []
    unit = stated[0].unit if stated else column
    if unit is None or unit is PERCENT:
        return None
    return unit if unit.currency else Unit(unit.scale, setting.yuan)


def _share(table: _Table, line: Line, row: list[Cell]) -> Iterator[Reading | Refused]:
    """The share of the five largest customers: of the columns of its table, else of the report's own period."""
    columns = table.head.layout(None)
    told = [cell for cell in row if cell.number is not None]
    if len(told) == 1 and table.setting.now and not any(column.period for column in columns):
        spans: list[Period | None] = [table.setting.now]
    elif len(told) == len(columns):
        spans = [column.period for column in columns]
    else:
        yield Refused("top_five_share_bp", line.page, line.raw, "no period is stated above it")
        return
    for period, cell in zip(spans, told, strict=True):
        points = (cell.number or Decimal(0)) * 100
        if period and not periods.is_day(period) and 0 <= points <= 10_000 and points == points.to_integral_value():
            yield Reading("top_five_share_bp", period, int(points), 0, None, line.page, line.raw, "table")
