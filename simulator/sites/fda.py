"""www.fda.gov: the list of AI-enabled devices as XML with Excel formulas, refreshed on the 1st of a month at 14:00 UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from simulator.facts import Clearance
from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import ALL_BUT_MARKUP, Timeline
from simulator.web import XML, Ask, Reply, marked

LIST = "/media/178565/download"
PAGE = "/medical-devices/software-medical-device-samd/artificial-intelligence-enabled-medical-devices"
REGISTER = "https://www.accessdata.fda.gov/scripts/cdrh/cfdocs"
FORMS = {"K": "cfPMN/pmn.cfm?ID=", "D": "cfpmn/denovo.cfm?id=", "P": "cfpma/pma.cfm?id="}


def shown_from(decided: date) -> datetime:
    """The refresh at which a decision appears: that of the month after it."""
    months = decided.year * 12 + decided.month
    return datetime(months // 12, months % 12 + 1, 1, 14, tzinfo=UTC)


class Fda:
    """The site."""

    hosts = ("www.fda.gov",)
    faults = ALL_BUT_MARKUP

    def __init__(self, clearances: Sequence[Clearance]) -> None:
        self._rows = sorted(clearances, key=lambda row: (row.decided, row.number), reverse=True)
        self.timeline = Timeline(shown_from(row.decided) for row in clearances)

    def newest(self, at: datetime) -> str | None:
        return next((row.number for row in self._rows if shown_from(row.decided) <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path == PAGE:
            return Reply(page("fda.html"))
        if ask.path != LIST:
            return None
        rows = [row for row in self._rows if shown_from(row.decided) <= at and quirks.listed(row.number)]
        text = (
            "<?xml version='1.0' encoding='utf-8'?>\n<data>\n"
            + "".join(_row(row, quirks) for row in rows)
            + "</data>\n"
        )
        attachment = ("content-disposition", 'attachment; filename="ai-ml-enabled-devices.xml"')
        keys = marked((row.number, row.illustrative) for row in rows)
        return Reply(text.encode(), XML, headers=(attachment,), modified=at, illustrative=keys)


def _row(row: Clearance, quirks: Quirks) -> str:
    link = f"{REGISTER}/{FORMS[row.number[0]]}{row.number}"
    cells = {
        "Date_of_final_decision": "" if quirks.undated else row.decided.strftime("%m/%d/%Y"),
        "Submission_number": f'=HYPERLINK("{link}", "{row.number}")',
        "Device": quirks.title(row.number, row.device),
        "Company": row.company,
        "Panel": row.panel,
        "Primary_product_code": row.product_code,
    }
    inner = "".join(f"    <{name}>{escape(text)}</{name}>\n" for name, text in cells.items())
    return f"  <row>\n{inner}  </row>\n"
