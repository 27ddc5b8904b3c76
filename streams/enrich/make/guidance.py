"""Guiding principles, issued or for comment, and the publicity windows of the innovation channel."""

from __future__ import annotations

import re
from datetime import date

from events.event import Guidance, InnovationReview
from events.ids import fact_id
from events.labels import Kind, Labels
from events.notice import Notice
from streams.enrich.make.common import DAY, Unusable, common, day, iso
from streams.enrich.normalise import simplified
from streams.enrich.register import resolve_company

INNOVATION = re.compile(r"创新医疗器械特别审[查批批]")
_QUOTED = re.compile(r"《([^》]+)》")
_ISSUED = re.compile(r"(?:关于)?(?:发布|印发|公布)(.+?)的(?:通告|通知|公告)")
_NUMBER = re.compile(r"(\d{4})年\s*第\s*(\d+)\s*号")
_EDITION = re.compile(r"[((]?(?:第?\S{0,2}?征求意见稿|修订稿)[))]?|\(\d{4}年\s*第\s*\d+\s*号\)|的(?:通知|通告|函)$")
_CLOSES = re.compile(
    r"(?:于|在|截至|截止(?:时间|日期)?(?:为|至|:)?"
    r"|请)\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日(?:\s*\d{1,2}(?:时|:\d\d"
    r"|点))?(?:之?前|以前|止|截止|结束|前将|,|。)"
)
_ITEM = re.compile(
    r"产品名称:(?P<product>[^\n]+?)\s*(?:\n|\s)\s*申请人:(?P<applicant>[^\n]+?)\s*(?=\n|\d+[.、]|产品名称|公示时间|$)"
)
_WINDOW = re.compile(
    r"公示(?:时间|期)?:?\s*(?:自|从)?\s*(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:至|到|-|—"
    r"|~)\s*(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日"
)


def guidance(notice: Notice, labels: Labels) -> list[Guidance]:
    """One guiding principle. The notice that issues a text and the page of the text itself give the same id."""
    draft = labels.kind is Kind.GUIDANCE_DRAFT
    stage = "draft" if draft else "issued"
    return [
        Guidance(
            event_id=fact_id("guidance", stage, *_subject(notice.title)),
            **common(notice, labels, labels.kind),
            stage="draft" if draft else "issued",
            comments_close=_closes(notice) if draft else None,
        )
    ]


def _closes(notice: Notice) -> date | None:
    """Until when comments are taken: as the scraper read it off the page, else as the text says."""
    if stated := iso(notice.fields.get("comments_close", "")):
        return stated
    closes = _CLOSES.search(simplified(notice.body))
    return day(closes) if closes else None


def _subject(title: str) -> tuple[str, ...]:
    """What the guiding principle is about, and its number where the title states one."""
    tidy = simplified(title)
    number = _NUMBER.search(tidy)
    named = _QUOTED.search(tidy) or _ISSUED.search(tidy)
    whole = _EDITION.sub("", tidy if "等" in tidy or not named else named.group(1)).strip("《》 ")
    return (whole or tidy, "-".join(number.groups())) if number else (whole or tidy,)


def reviews(notice: Notice, labels: Labels) -> list[InnovationReview]:
    """One review for each product proposed. Nothing for a row of a list; `Unusable` for a page that names no product.

    The products and the window are those that the scraper read off the page; for a notice without rows its text is read.
    """
    if notice.rows:
        window = (iso(notice.fields.get("window_start", "")), iso(notice.fields.get("window_end", "")))
        stated = [(row.get("product_name", "").strip(), row.get("registrant", "").strip()) for row in notice.rows]
        return [_review(notice, labels, product, applicant, window) for product, applicant in stated if product]
    text = re.sub(r"[ \t\u3000]+(?=[\u4e00-\u9fff])", "", simplified(notice.body))
    if not text.strip():
        return []
    window = _window(text)
    items = _ITEM.finditer(text)
    made = [_review(notice, labels, item["product"].strip(), item["applicant"], window) for item in items]
    if not made:
        raise Unusable(f"the notice {notice.item_key!r} on innovative devices names no product")
    return made


def _review(
    notice: Notice, labels: Labels, product: str, applicant: str, window: tuple[date | None, date | None]
) -> InnovationReview:
    start, end = window
    company = resolve_company(applicant) if applicant else None
    return InnovationReview(
        event_id=fact_id("innovation", product, company.id if company else "", str(start or "undated")),
        **(common(notice, labels, Kind.OTHER, *filter(None, [company])) | {"title": product}),
        product_name=product,
        applicant=company,
        window_start=start,
        window_end=end,
    )


def _window(text: str) -> tuple[date | None, date | None]:
    if not (match := _WINDOW.search(text)):
        days = [d for m in DAY.finditer(text) if (d := day(m))]
        return (days[0], days[1]) if "公示" in text and len(days) == 2 and days[0] <= days[1] else (None, None)
    start = day(match)
    try:
        end = date(int(match.group(4) or match.group(1)), int(match.group(5)), int(match.group(6)))
    except ValueError:
        return start, None
    return start, end
