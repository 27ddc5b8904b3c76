"""Figures out of the files of a filing: one event for each period that it tells."""

from __future__ import annotations

from collections.abc import Sequence

from events.base import EntityRef, Money
from events.event import EventBase, FigureGap, FigureReading, FinancialReport
from events.ids import fact_id
from events.labels import Kind, Labels
from events.notice import Attachment, Notice
from events.said import whole
from streams.enrich.explain import explain
from streams.enrich.filings.document import Found, Result, read
from streams.enrich.filings.reading import Reading
from streams.enrich.make.common import common

SHARE = "top_five_share_bp"


def reports(notice: Notice, company: EntityRef) -> list[FinancialReport]:
    """The figures of a filing whose files were read; none of one whose files nobody asked for.

    A periodic report in which nothing was found is an event too, which says so: of a scanned file, "no text was read".
    """
    files = [file for file in notice.attachments if file.pages or file.unread]
    if not files:
        return []
    found = read(notice.title, [file.pages for file in files])
    if not found.periods and found.own:
        found.periods.append(Found(found.own))
    labels = explain(whole(notice))
    return [_report(notice, company, labels, one, found, files) for one in found.periods]


def _report(
    notice: Notice, company: EntityRef, labels: Labels, one: Found, found: Result, files: Sequence[Attachment]
) -> FinancialReport:
    start, end = one.period
    document = notice.fields.get("announcement_id") or notice.notice_id
    contrary = [reading for readings in one.disagreeing.values() for reading in readings]
    own = one.period == found.own
    amounts = {name: money(reading) for name, reading in one.standing.items() if name != SHARE}
    return FinancialReport(
        event_id=fact_id("figures", company.id, start.isoformat(), end.isoformat(), document),
        **common(notice, labels, Kind.FILING, company),
        company=company,
        period_start=start,
        period_end=end,
        **amounts,
        top_five_share_bp=one.standing[SHARE].value if SHARE in one.standing else None,
        readings=tuple(_reading(reading, files) for reading in (*one.standing.values(), *contrary)),
        disagreeing=tuple(one.disagreeing),
        not_found=tuple(FigureGap(figure=f, reason=why) for f, why in found.not_found.items()) if own else (),
        comparative=not own,
    )


def money(reading: Reading) -> Money:
    """The amount of a reading that is no share."""
    assert reading.currency is not None
    return Money(minor=reading.value, currency=reading.currency)


def _reading(one: Reading, files: Sequence[Attachment]) -> FigureReading:
    return FigureReading(
        figure=one.figure,
        value=one.value,
        slack=one.slack,
        currency=one.currency,
        page=one.page,
        quote=one.quote[:MOST],
        document_url=files[one.file].url,
        rule=one.rule,
    )


MOST = 400
"""Characters of a quote: a sentence that a table ran into is cut."""


def with_reports(notice: Notice, made: Sequence[EventBase]) -> list[EventBase]:
    """The events of a filing or a listing application, and the figures of its files."""
    company = next((ref for event in made if isinstance(ref := getattr(event, "company", None), EntityRef)), None)
    return [*made, *reports(notice, company)] if company else [*made]
