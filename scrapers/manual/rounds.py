"""A table of rounds of financing as notices. The format is that of ``docs/import.md``.

``Notice.fields``: ``company``, ``round`` (`events.rounds`), ``amount`` (as stated), ``investors``, ``sector``, ``stated_date``
(a month or a year, where no day is stated). A round is told by company and name; where a company may have several of the name,
by its date too.
"""

from __future__ import annotations

from datetime import datetime

from events.ids import digest, normalised
from events.labels import Sector
from events.notice import Notice
from events.rounds import happens_once, round_name, sums
from scrapers.manual.cells import Say, day, link, needed, withdrawn, wrong
from scrapers.manual.table import Layout, Row

SOURCE = "manual-rounds"
LAYOUT = Layout(
    "rounds",
    {
        "date": ("date", "day", "announced", "announced on", "日期", "时间", "公布日期"),
        "company": ("company", "issuer", "公司", "企业", "公司名称", "企业名称"),
        "round": ("round", "series", "stage", "轮次", "融资轮次"),
        "amount": ("amount", "sum", "金额", "融资金额"),
        "investors": ("investors", "investor", "lead or investors", "lead", "投资方", "投资机构", "投资人"),
        "sector": ("sector", "赛道", "领域"),
        "url": ("url", "link", "source", "链接", "来源"),
        "note": ("note", "notes", "remark", "备注", "说明"),
        "withdrawn": ("withdrawn", "撤回"),
    },
    ("date", "company", "round", "amount"),
)
_NOTHING = frozenset({"", "-", "undisclosed", "not disclosed", "unknown", "n/a", "未披露", "未公开", "不详"})
_SECTORS = frozenset(Sector)


def round_notice(row: Row, now: datetime, say: Say) -> Notice | None:
    """The notice of a row; None where a cell that it needs is missing. ``say`` takes what is wrong; ``now`` is aware."""
    if not needed(row, ("date", "company", "round"), say):
        return None
    name = round_name(row["round"])
    if name is None:
        remedy = "write seed, angel, pre-A, A, A+ … H, strategic, placing, follow-on, IPO or undisclosed"
        say(wrong(row, "round", "this names no round", remedy))
        return None
    stated, near = day(row, now, say)
    _sum(row, say)
    if row["sector"] and row["sector"] not in _SECTORS:
        say(wrong(row, "sector", "there is no such sector", f"write one of {', '.join(sorted(_SECTORS))}, or nothing"))
    key = _key(row, name, stated[0].isoformat() if stated[0] else near)
    fields = {"company": row["company"], "round": name, "amount": row["amount"], "investors": row["investors"]}
    fields |= {"sector": row["sector"], "stated_date": near}
    title = " ".join(filter(None, (row["company"], row["round"], row["amount"])))
    return Notice(
        notice_id=f"{SOURCE}:{key}",
        source_id=SOURCE,
        item_key=key,
        url=link(row, f"urn:medpulse:{SOURCE}:{key}", say),
        title=title,
        body="\n".join(filter(None, (row["investors"], row["note"]))),
        published_at=stated[0],
        published_precision=stated[1],
        fields={field: value for field, value in fields.items() if value},
        detected_at=now,
        retracted=withdrawn(row, say),
    )


def _sum(row: Row, say: Say) -> None:
    """Say what is wrong with the amount: what looks like a sum must be exactly one, in a currency."""
    said, found = row["amount"], sums(row["amount"])
    if said.casefold() in _NOTHING or len(found) == 1:
        return
    if found:
        say(wrong(row, "amount", f"{len(found)} sums are stated", "state one, and put the rest into the note"))
    elif any(char.isdigit() for char in said):
        say(wrong(row, "amount", "no sum with its currency is read", "write for example CNY 30M, 3000万元 or USD 5M"))
    else:
        say(wrong(row, "amount", "no sum is read", "it is kept as undisclosed; leave it empty to say so", "warning"))


def _key(row: Row, name: str, when: str) -> str:
    parts = [normalised(row["company"]), name, *([] if happens_once(name) else [when])]
    return digest(*parts)[:24]
