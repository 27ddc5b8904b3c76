"""What the pages show in each hour of the day, and what truly changes: the same for the same seed.

The markup is the simulator's, of the families of CMS that provincial bureaus run on. Around the list each answer has another
visitor count, another time of day and another banner, as such sites do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from events.clock import SHANGHAI
from simulator.markup import page as markup

DAWN = datetime(2022, 3, 7, 0, tzinfo=UTC)
ROWS = 20
APART = 4
"""Hours between two changes of a page: whoever waits for a third poll before it believes that a row is gone has them."""
CHANCE = 0.04
STYLES = (("list", "[%Y-%m-%d]"), ("first", "%Y/%m/%d"), ("table", "%Y年%m月%d日"), ("text", "%Y-%m-%d"))
TOPICS = ("医疗服务价格项目", "医用耗材集中带量采购", "医保支付范围", "药品挂网", "定点医药机构")
ADS = ("数字政府", "优化营商环境", "全国医保码", "反诈宣传", "食品安全月", "国家安全日", "清廉医保")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its number makes its address."""

    number: int
    title: str
    at: datetime

    def path(self, place: int) -> str:
        """Where its article would be."""
        return f"/p{place:03d}/zwgk/{self.at:%Y%m}/t{self.at:%Y%m%d}_{self.number}.html"


@dataclass(frozen=True, slots=True)
class Change:
    """What truly changed on a page in an hour (1 up): a row that is ``new``, ``corrected`` or ``withdrawn``, by its path."""

    place: int
    hour: int
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Day:
    """The rows of each page by hour (hour 0 is the beginning), and every change."""

    rows: Mapping[tuple[int, int], tuple[Row, ...]]
    changes: tuple[Change, ...]
    hours: int
    pages: int

    def html(self, place: int, hour: int, visit: int) -> str:
        """A page as one visitor sees it; ``visit`` makes the noise."""
        style, written = STYLES[place % len(STYLES)]
        rows = [
            {"href": row.path(place), "title": row.title, "date": f"{row.at.astimezone(SHANGHAI):{written}}"}
            for row in self.rows[place, hour]
        ]
        bureau = f"第{place:03d}医疗保障局"
        return _noisy(markup("province_list.html", bureau=bureau, style=style, rows=rows).decode(), hour, visit)


def day(pages: int, hours: int, seed: int = 8) -> Day:
    """A day of ``hours`` hours on so many pages; pure."""
    rng = Random(seed)
    rows: dict[tuple[int, int], tuple[Row, ...]] = {}
    changes: list[Change] = []
    for place in range(pages):
        held = tuple(_row(place, number, DAWN - timedelta(days=number + 1)) for number in range(ROWS))
        rows[place, 0], last, serial = held, -APART, ROWS
        for hour in range(1, hours + 1):
            if hour - last >= APART and hour <= hours - APART + 1 and rng.random() < CHANCE:
                kind = rng.choices(("new", "corrected", "withdrawn"), (8, 2, 1))[0]
                held, path = _changed(held, kind, place, serial, hour, rng)
                changes.append(Change(place, hour, kind, path))
                last, serial = hour, serial + 1
            rows[place, hour] = held
    return Day(rows, tuple(changes), hours, pages)


def _row(place: int, number: int, at: datetime) -> Row:
    return Row(100_000 + number, f"关于做好第{place * 1000 + number}号{TOPICS[number % len(TOPICS)]}有关工作的通知", at)


def _changed(
    held: Sequence[Row], kind: str, place: int, serial: int, hour: int, rng: Random
) -> tuple[tuple[Row, ...], str]:
    at = rng.randrange(1, 10)
    row = held[at]
    match kind:
        case "new":
            row = _row(place, serial, DAWN + timedelta(hours=hour))
            return (row, *held[: ROWS - 1]), row.path(place)
        case "corrected":
            row = replace(row, title=f"{row.title}（更正）")
            return (*held[:at], row, *held[at + 1 :]), row.path(place)
        case _:
            return (*held[:at], *held[at + 1 :]), row.path(place)


def _noisy(html: str, hour: int, visit: int) -> str:
    now = DAWN + timedelta(hours=hour, seconds=visit % 3600)
    ad = ADS[visit % len(ADS)]
    above = (
        f'<div class="top"><span id="now">现在是 {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}</span>'
        f'<div class="banner"><a href="/zt/{visit % len(ADS)}/"><img src="/images/{visit % 97}.jpg" alt="{ad}">{ad}</a>'
        "</div></div>"
    )
    below = f'<div class="count">您是第 {1_000_000 + visit} 位访问者，今日访问 {visit % 5000} 次</div>'
    script = f'<script>var _t={visit * 7919 % 100_003};document.cookie="v={visit}";</script>'
    return html.replace("<body>", f"<body>{script}{above}", 1).replace("</body>", f"{below}</body>", 1)
