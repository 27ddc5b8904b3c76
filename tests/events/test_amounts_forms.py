"""Whatever sum is written in a form of the field is read back exactly, in minor units; no float is on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.amounts import amounts

ROOT = Path(__file__).resolve().parents[2]
MINOR = {"CNY": 100, "HKD": 100, "USD": 100, "EUR": 100, "JPY": 1, "KRW": 1}
"""Minor units of one: yen and won have none (ISO 4217)."""
NAMES_ZH = {
    "CNY": ["元", "元人民币"],
    "HKD": ["港元", "港币"],
    "USD": ["美元"],
    "EUR": ["欧元"],
    "JPY": ["日元"],
    "KRW": ["韩元"],
}
SIGNS = {
    "CNY": ["RMB", "¥", "人民币"],
    "HKD": ["HK$", "HKD "],
    "USD": ["US$", "USD ", "$"],
    "EUR": ["€", "EUR "],
    "JPY": ["JPY "],
    "KRW": ["₩"],
}
SIZES_ZH = {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
SIZES_EN = {"": 0, " thousand": 3, "k": 3, " million": 6, "m": 6, " billion": 9, "bn": 9}
CODES = sorted(MINOR)
FRAMES = [
    "{}",
    "完成{}融资",
    "公司营业收入为{}，同比增长30.5%。",
    "融资金额：{}（2021年3月）",
    "raised {} in 2021.",
    "售价 {} 每次",
]


def number(value: Decimal, grouped: bool) -> str:
    return f"{value:,f}" if grouped else f"{value:f}"


@st.composite
def sums(draw: st.DrawFn, sizes: dict[str, int]) -> tuple[Decimal, str, str]:
    """A number of at most two decimals, a word for its size, and a currency in which it is whole minor units."""
    code = draw(st.sampled_from(CODES))
    size = draw(st.sampled_from(sorted(sizes)))
    places = draw(st.integers(0, 2 if sizes[size] or MINOR[code] == 100 else 0))
    value = Decimal(draw(st.integers(1, 10**7))).scaleb(-places)
    return value, size, code


def minor(value: Decimal, power: int, code: str) -> int:
    exact = value.scaleb(power) * MINOR[code]
    assert exact == exact.to_integral_value()
    return int(exact)


@given(sums(SIZES_ZH), st.booleans(), st.booleans(), st.sampled_from(FRAMES), st.data())
def test_a_chinese_sum_is_read_back_exactly(
    stated: tuple[Decimal, str, str], grouped: bool, in_front: bool, frame: str, data: st.DataObject
) -> None:
    value, size, code = stated
    written = number(value, grouped) + size
    text = (
        data.draw(st.sampled_from(SIGNS[code])) + written
        if in_front
        else written + data.draw(st.sampled_from(NAMES_ZH[code]))
    )
    [found] = amounts(frame.format(text))
    want = minor(value, SIZES_ZH[size], code)
    assert (found.low, found.high, found.currency, found.approximate) == (want, want, code, False)


@given(sums(SIZES_EN), st.booleans(), st.sampled_from(FRAMES), st.data())
def test_an_english_sum_is_read_back_exactly(
    stated: tuple[Decimal, str, str], grouped: bool, frame: str, data: st.DataObject
) -> None:
    value, size, code = stated
    text = data.draw(st.sampled_from(SIGNS[code])) + number(value, grouped) + size
    [found] = amounts(frame.format(text))
    want = minor(value, SIZES_EN[size], code)
    assert (found.low, found.high, found.currency, found.approximate) == (want, want, code, False)


@given(st.integers(1, 900), st.integers(1, 99), st.sampled_from(CODES), st.sampled_from(["-", "–", "~", "至", "到"]))
def test_a_range_is_read_back_with_the_size_of_its_end(least: int, more: int, code: str, dash: str) -> None:
    most = least + more
    texts = [
        (f"{least}{dash}{most}万{NAMES_ZH[code][0]}", 4),
        (f"{least}万{NAMES_ZH[code][0]}{dash}{most}万{NAMES_ZH[code][0]}", 4),
        (f"{SIGNS[code][0]}{least}{dash}{most} million", 6),
        (f"{SIGNS[code][0]}{least} million to {SIGNS[code][0]}{most} million", 6),
    ]
    for text, power in texts:
        [found] = amounts(text)
        assert (found.low, found.high, found.currency) == (
            minor(Decimal(least), power, code),
            minor(Decimal(most), power, code),
            code,
        ), text


@given(
    st.sampled_from(CODES),
    st.sampled_from(["百万", "千万", "亿", "十亿"]),
    st.sampled_from(["{}{}级", "数{}{}", "{}{}"]),
)
def test_an_order_of_magnitude_is_a_range_and_never_a_sum(code: str, size: str, form: str) -> None:
    power = sum({"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}[char] for char in size)
    for found in amounts(form.format(size, NAMES_ZH[code][0])):
        assert (found.low, found.high) == (minor(Decimal(1), power, code), minor(Decimal(1), power + 1, code))
        assert found.approximate


@given(
    st.decimals(0, 100, places=2),
    st.sampled_from(["同比增长{}%", "占营业收入的{}%", "up {}% year on year", "毛利率{}％"]),
)
def test_a_percentage_is_never_a_sum(share: Decimal, form: str) -> None:
    assert amounts(form.format(share)) == []


FOLDERS = ["events", "streams", "medpulse/verify", "medpulse/commands", "board", "alerts"]
MONEY = {"minor", "money", "amount", "price", "fen", "cents", "revenue", "currency"}


def floats(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a name that speaks of money is made a float, or a float literal is counted with it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            names, what = words(node), "float(…)"
        elif isinstance(node, ast.BinOp) and any(
            isinstance(side, ast.Constant) and isinstance(side.value, float) for side in (node.left, node.right)
        ):
            names, what = words(node), "a float literal"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            names, what = words(node.left), "a true division"
        else:
            continue
        if hit := MONEY & {part for name in names for part in name.lower().split("_")}:
            yield node.lineno, f"{what} with {sorted(hit)[0]}"


def words(node: ast.AST) -> set[str]:
    """The names, attributes and keys under ``node``."""
    inside = list(ast.walk(node))
    keys = {n.slice.value for n in inside if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant)}
    names = {n.id for n in inside if isinstance(n, ast.Name)} | {n.attr for n in inside if isinstance(n, ast.Attribute)}
    return names | {key for key in keys if isinstance(key, str)}


def test_the_check_for_floats_finds_one() -> None:
    lines = ["float(event.price.minor)", "money.minor * 0.01", "amount / 100", "float(seconds)", "value['minor'] / 100"]
    source = "\n".join(lines)
    assert [line for line, _ in floats(ast.parse(source))] == [1, 2, 3, 5]


ALLOWED = {"board/draw.py", "board/charts.py"}
"""What only draws: a length on a screen may be rounded."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_money_never_passes_through_a_float(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in ALLOWED
        for line, what in floats(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []
