"""The words of the page in English and Chinese, and the choice between the two."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from board.dictionary import WORDS
from events.base import Precision, minor_digits
from events.clock import SHANGHAI, to_utc
from events.scenarios import SCENARIOS
from events.view.derived.spec import Value


class Lang(StrEnum):
    """The languages of the page."""

    EN = "en"
    ZH = "zh"


def negotiate(asked: str | None, accept_language: str) -> Lang:
    """The language to answer in: the one asked for, else the better of the two in ``Accept-Language`` (RFC 9110, 12.5.4)."""
    if asked in {lang.value for lang in Lang}:
        return Lang(asked)
    weights = {Lang.EN: 0.0, Lang.ZH: 0.0}
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.split("-")[0].lower()
        if primary in weights:
            weights[Lang(primary)] = max(weights[Lang(primary)], _quality(weight))
    return Lang.ZH if weights[Lang.ZH] > weights[Lang.EN] else Lang.EN


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


class Words:
    """The dictionary in one language. ``words("key", n=3)`` fills the named places; an unknown key raises KeyError."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        return self.pick(*WORDS[key]).format(**values)

    def count(self, key: str, n: int) -> str:
        """A number with its noun, in the singular for one."""
        return self(f"count.{key}.one" if n == 1 else f"count.{key}", n=n)

    def pick(self, en: str, zh: str) -> str:
        """Of two texts, the one in this language."""
        return zh if self.lang is Lang.ZH else en

    def value(self, kind: str, value: str) -> str:
        """The name of a value of a closed vocabulary, or the value itself where it has none (a code of the register)."""
        found = WORDS.get(f"{kind}.{value}")
        return self.pick(*found) if found else value

    def values(self, kind: str, values: Iterable[str]) -> list[tuple[str, str]]:
        """(Value, name) of values of a vocabulary, for a list of choices."""
        return [(value, self.value(kind, value)) for value in values]

    def scenario(self, key: str) -> str:
        """The name of a clinical scenario."""
        return self.pick(*SCENARIOS.get(key, (key, key)))

    def scenarios(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """(Scenario, name) in the order of the names."""
        return sorted(((key, self.scenario(key)) for key in keys), key=lambda pair: pair[1])

    def stage(self, kind: str, stage: str) -> str:
        """The name of a stage: of a guiding principle, or of a listing."""
        return self.value("guidance" if kind == "guidance" else "stage", stage)

    def field(self, name: str) -> str:
        """The name of a field of an event or of a dimension; that of the contract where people have none."""
        found = self.value("field", name)
        return found if found != name else name.replace("_", " ")

    def label(self, label: str) -> str:
        """The name of a label that a text is the evidence of: ``is_ai``, or ``scenario=stroke``."""
        name, _, value = label.partition("=")
        named = self.value("label", name)
        title = self.field(name) if named == name else named
        told = self.scenario(value) if name == "scenario" else self.value(name, value)
        return f"{title}: {told}" if value else title

    def share(self, basis_points: Value) -> str:
        """A share in per cent with one decimal; a dash where it is not known."""
        number = _number(basis_points)
        return "–" if number is None else f"{number / 100:,.1f}%".replace("-", "−")

    def amount(self, minor: Value, currency: Value) -> str:
        """Minor units of a currency that is named beside, in millions (English) or in units of ten thousand (Chinese)."""
        number = _number(minor)
        if number is None:
            return "–"
        whole = number / 10 ** minor_digits(str(currency))
        text = f"{whole / 1e4:,.2f} 万" if self.lang is Lang.ZH else f"{whole / 1e6:,.2f} m"
        return text.replace("-", "−")

    def figure(self, value: Value, unit: str) -> str:
        """A value of a metric in its unit."""
        if value is None:
            return "–"
        if isinstance(value, str):
            return value
        if unit == "basis points":
            return self.share(value)
        number = _number(value) or 0
        text = f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
        named = WORDS.get(f"unit.{unit}")
        return text.replace("-", "−") + (f" {self.pick(*named)}" if named else "")

    def stamp(self, seconds: float) -> str:
        """The day in Asia/Shanghai of an instant in seconds since the epoch."""
        return self.instant(datetime.fromtimestamp(seconds, SHANGHAI), Precision.DAY)

    def iso(self, text: str) -> str:
        """An instant that is written as RFC 3339."""
        return self.instant(datetime.fromisoformat(text))

    def day(self, day: date) -> str:
        """A day in full, with its weekday."""
        if self.lang is Lang.ZH:
            return f"{day.year}年{day.month}月{day.day}日 星期{'一二三四五六日'[day.weekday()]}"
        return f"{day:%A}, {day.day} {day:%B} {day.year}"

    def instant(self, at: datetime, precision: Precision | str | None = Precision.MINUTE) -> str:
        """An instant in Asia/Shanghai, no more exactly than its source states it; minutes at most."""
        local = to_utc(at).astimezone(SHANGHAI)
        return f"{local:%Y-%m-%d}" if precision == Precision.DAY else f"{local:%Y-%m-%d %H:%M}"

    def recent(self, at: datetime, today: date) -> str:
        """An instant in Asia/Shanghai, without its day if that is today."""
        full = self.instant(at)
        return full.removeprefix(f"{today} ")

    def change(self, amount: int) -> str:
        """A change with its sign; a true minus sign."""
        return f"+{amount:,}" if amount > 0 else f"−{-amount:,}" if amount < 0 else "0"


def _number(value: Value) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
