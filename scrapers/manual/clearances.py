"""A table of clearances by registers outside China (CE certificates, PMDA approvals) as notices; see ``docs/import.md``.

``Notice.fields`` as in `scrapers.platforms.fda`: ``register``, ``submission_number``, ``product_name``, ``company``, ``panel``,
``product_code``; and ``stated_date`` (a month or a year, where no day is stated). A clearance is told by register and number.
"""

from __future__ import annotations

from datetime import datetime

from events.ids import digest, normalised
from events.notice import Notice
from scrapers.manual.cells import Say, day, link, needed, withdrawn, wrong
from scrapers.manual.table import Layout, Row

SOURCE = "manual-clearances"
REGISTERS = {"FDA": "FDA", "CE": "CE", "MDR": "CE", "CE MDR": "CE", "EUDAMED": "CE", "PMDA": "PMDA"}
LAYOUT = Layout(
    "clearances",
    {
        "date": ("date", "day", "decided", "approved", "日期", "批准日期", "获证日期"),
        "register": ("register", "authority", "market", "机构", "认证", "注册机构"),
        "number": ("number", "certificate", "certificate number", "submission number", "证书编号", "编号", "注册号"),
        "product": ("product", "product name", "device", "产品", "产品名称"),
        "company": ("company", "holder", "manufacturer", "公司", "企业", "公司名称", "企业名称"),
        "panel": ("panel", "class", "类别"),
        "product_code": ("product code", "code"),
        "url": ("url", "link", "source", "链接", "来源"),
        "note": ("note", "notes", "remark", "备注", "说明"),
        "withdrawn": ("withdrawn", "撤回"),
    },
    ("date", "register", "number", "product", "company"),
)


def clearance_notice(row: Row, now: datetime, say: Say) -> Notice | None:
    """The notice of a row; None where a cell that it needs is missing. ``say`` takes what is wrong; ``now`` is aware."""
    if not needed(row, LAYOUT.needed, say):
        return None
    register = REGISTERS.get(row["register"].upper().replace("-", " ").removesuffix(" MARK"))
    if register is None:
        say(wrong(row, "register", "no register is called so", f"write one of {', '.join(REGISTERS)}"))
        return None
    stated, near = day(row, now, say)
    key = digest(register, normalised(row["number"]))[:24]
    fields = {"register": register, "submission_number": row["number"], "product_name": row["product"]}
    fields |= {"company": row["company"], "panel": row["panel"], "product_code": row["product_code"]}
    return Notice(
        notice_id=f"{SOURCE}:{key}",
        source_id=SOURCE,
        item_key=key,
        url=link(row, f"urn:medpulse:{SOURCE}:{key}", say),
        title=row["product"],
        body=row["note"],
        published_at=stated[0],
        published_precision=stated[1],
        fields={name: value for name, value in (fields | {"stated_date": near}).items() if value},
        detected_at=now,
        retracted=withdrawn(row, say),
    )
