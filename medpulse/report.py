"""The sector table: the sections and keys of the published report, each computed from the view at a day.

Nothing here holds a figure: a number is read from a series, a name from an event. What no source of the catalogue can tell
yet is None, and `UNKNOWN` says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from events.clock import shanghai_day
from events.event import EventBase, FinancingRound, Guidance, IpoProgress, IpoStage, ReimbursementListing
from events.view.derived.spec import Value, known
from events.view.reader import View
from streams.enrich.register import register

Report = dict[str, dict[str, object]]

SCENARIOS = {
    "lung_nodule_ct": "lung_nodule",
    "diabetic_retinopathy": "diabetic_retinopathy",
    "ct_ffr": "ct_ffr",
    "pneumonia_ct": "pneumonia",
}
"""Key of the report → scenario."""

MODALITIES = {"ct": "CT", "mri": "MR", "colonoscope": "endoscopy"}
OTHERS = {"fundus": "fundus", "xray": "X-ray", "ecg": "ECG"}
PRODUCTS = ("keya_deepvessel_ffr", "pulse_qfr", "airdoc_fundus")
EVERYTHING = 1_000_000

UNKNOWN = {
    "class2_pathology": "Class II certificates are issued by the provinces; their registers are not in the catalogue yet",
    "ai_drug_financing": "no financing round of AI drug R&D was seen",
    "revenue": "no figures of companies were seen",
    "ecosystem": "no event named a company of the channel",
    "sectors": "no clearance by a register abroad was seen",
}
"""Section of the report → why it is not computed, unless facts for it were seen."""
UNCOUNTED = {
    "class3_by_modality.fundus_xray_ecg": "the report states their sum alone, 16; each is counted here",
    "ecosystem.dimensions": "the report's own opinion, not a figure",
    "ipo.filed_prospectus_2021.LinkDoc Technology": "LinkDoc filed in the United States, where no source looks",
    "ai_drug_financing.rounds_2022": "the report states 32 early rounds and a share of 76 %, which is a total of 42",
    "sectors.names": "the report's own division; medpulse has eight sub-sectors",
}
"""Part of a section → why it is no figure here, or differs from the report's."""
YEARS = ("2021", "2022")
EXAMPLES = {"xtalpi": "D", "company:xinhebio": "A+", "biomap": "A"}
"""The rounds that the report tells as examples: company and round."""


async def sector_report(view: View, as_of: date) -> Report:
    """The report's sections for a day in Asia/Shanghai."""
    events = [event for event in await view.events(limit=EVERYTHING) if _until(event, as_of)]
    ipo = [event for event in events if isinstance(event, IpoProgress)]
    report: Report = {
        "class3_certificates": await _certificates(view, as_of),
        "class3_by_scenario": await _scenarios(view, as_of),
        "class3_by_modality": {
            key: await view.value("class3_certificates", as_of, {"modality": modality})
            for key, modality in MODALITIES.items()
        },
        "class3_others": {
            key: await view.value("class3_certificates", as_of, {"modality": modality})
            for key, modality in OTHERS.items()
        },
        "guidance": _guidance(event for event in events if isinstance(event, Guidance)),
        "ipo": {
            "filed_prospectus_2021": _companies(ipo, IpoStage.ACCEPTED, "2021"),
            "listed_2021_11": _companies(ipo, IpoStage.LISTED, "2021-11"),
            "filed_2022_to_09_15": _companies(ipo, IpoStage.ACCEPTED, "2022"),
        },
        "pricing": {
            product: await view.value("pricing_provinces", as_of, {"product": product}) for product in PRODUCTS
        },
        "reimbursement": _reimbursement(event for event in events if isinstance(event, ReimbursementListing)),
    }
    found = {
        "ai_drug_financing": await _financing(view, as_of, events),
        "revenue": await _revenue(view, as_of),
        "ecosystem": await _ecosystem(view, as_of),
        "sectors": await _abroad(view, as_of),
    }
    report |= {section: keys for section, keys in found.items() if keys}
    report |= {section: {"not_computed": why} for section, why in UNKNOWN.items() if section not in report}
    return report | {"notes": dict(UNCOUNTED)}


def figures(report: Report) -> list[dict[str, object]]:
    """The report as rows ``{section, key, value}``, sections that are not computed left out."""
    return [
        {"section": section, "key": key, "value": ", ".join(map(str, v)) if isinstance(v, list) else v}
        for section, keys in report.items()
        if section != "notes"
        for key, v in keys.items()
        if key != "not_computed"
    ]


async def _certificates(view: View, as_of: date) -> dict[str, object]:
    return {
        "as_of": as_of.isoformat(),
        "products": await view.value("class3_certificates", as_of),
        "companies": await view.value("class3_companies", as_of),
        "deep_learning_products": await view.value("class3_certificates", as_of, {"algorithm": "deep"}),
        "scenarios": await view.value("class3_scenarios", as_of),
        "device_types": await view.value("class3_modalities", as_of),
    }


async def _scenarios(view: View, as_of: date) -> dict[str, object]:
    found: dict[str, object] = {
        key: await view.value("class3_certificates", as_of, {"scenario": scenario})
        for key, scenario in SCENARIOS.items()
    }
    found["lepu_ecg_certificates"] = await view.value("class3_certificates", as_of, {"company": "lepu"})
    by_companies = await view.table("class3_companies", "scenario", as_of)
    counted = set(SCENARIOS.values())
    found["more_than_one_company"] = sorted(s for s, n in by_companies.items() if n > 1 and s not in counted)
    found["also_named"] = sorted(s for s, n in by_companies.items() if n == 1)
    return found


async def _financing(view: View, as_of: date, events: Iterable[EventBase]) -> dict[str, object]:
    """Rounds of AI drug R&D by statistical year; empty without any."""
    found: dict[str, object] = {}
    for year in YEARS:
        where = {"sector": "drug_rd", "statistical_year": year}
        if rounds := await view.derived("rounds", as_of, where):
            found[f"rounds_{year}"] = rounds
            found[f"early_stage_rounds_{year}"] = await view.derived("early_stage_rounds", as_of, where)
            found[f"early_stage_share_{year}"] = share(await view.derived("early_stage_share", as_of, where))
    if found:
        deals = [e for e in events if isinstance(e, FinancingRound) and EXAMPLES.get(e.company.id) == e.round]
        if deals:
            found["examples"] = [_deal(deal) for deal in sorted(deals, key=lambda e: e.company.id)]
    return found


def _deal(event: FinancingRound) -> dict[str, object]:
    """A round as the report tells it: amounts in whole units of their currency."""
    low, high = event.amount_low, event.amount_high
    ends = {"amount_low": low and int(low.amount), "amount_high": high and int(high.amount)}
    currency = low or high
    return {
        "company": event.company.name,
        "round": event.round,
        **ends,
        "currency": currency and currency.currency,
        "illustrative": event.illustrative,
    }


async def _revenue(view: View, as_of: date) -> dict[str, object]:
    """Growth as the report has it (6.81 is +681 %), revenue in fen, and what is said of all; empty without figures."""
    asked = {
        "shukun_yoy_2021_h1": ("revenue_growth", {"company": "shukun", "period": "2021H1"}),
        "airdoc_yoy_2021": ("revenue_growth", {"company": "airdoc", "period": "2021"}),
    }
    values: dict[str, object] = {
        key: share(await view.derived(name, as_of, where)) for key, (name, where) in asked.items()
    }
    fen = await view.derived("revenue", as_of, {"company": "airdoc", "period": "2021", "currency": "CNY"})
    values |= {"airdoc_2021_fen": fen, "airdoc_2021_over_cny": _hundred_millions(fen)}
    profits = await view.derived_table("net_profit", "company", as_of)
    found: dict[str, object] = {key: value for key, value in values.items() if value is not None}
    if profits:
        losing = [one for one, profit in profits.items() if isinstance(profit, int | Fraction) and profit < 0]
        found |= {"companies_with_net_profit": len(profits), "companies_at_a_loss": len(losing)}
        found["top_five_customer_share_declining"] = await _declining(view, as_of, profits)
    return found


def _hundred_millions(fen: Value) -> int | None:
    """Revenue in yuan, rounded down to whole hundreds of millions: what it is over."""
    return fen // HUNDRED_MILLION_YUAN * 100_000_000 if isinstance(fen, int) else None


HUNDRED_MILLION_YUAN = 10_000_000_000


async def _declining(view: View, as_of: date, companies: Iterable[str]) -> list[str]:
    """The companies whose share of the five largest customers fell with every period that states it, two at the least."""
    names, found = await view.names(), list[str]()
    for company in sorted(companies):
        by_period = await view.derived_table("top_five_share", "period", as_of, {"company": company})
        shares = [known(value) for _, value in sorted(by_period.items()) if value is not None]
        if len(shares) > 1 and all(after < before for before, after in pairwise(shares)):
            found.append(names.get(company, company))
    return found


def share(basis_points: Value) -> float | None:
    """A share or growth as the report prints it, to two decimals; money never comes this way."""
    return None if not isinstance(basis_points, int) else round(basis_points / 10_000, 2)


async def _ecosystem(view: View, as_of: date) -> dict[str, object]:
    """Events that name a company of the channel, by its tag."""
    found = await view.table("channel_events", "tag", as_of)
    return {"events_by_leader": found} if found else {}


async def _abroad(view: View, as_of: date) -> dict[str, object]:
    """Clearances by register, makers of imaging equipment left out, and those of companies that sit in China."""
    name = "overseas_clearances_no_equipment"
    found = await view.table(name, "register", as_of)
    china = await view.value(name, as_of, {"china": "true"})
    return {"overseas_registers": found, "overseas_by_chinese_companies": china} if found else {}


def _guidance(documents: Iterable[Guidance]) -> dict[str, object]:
    titled = [g for g in documents if g.stage == "issued" and "人工智能医疗器械注册审查指导原则" in g.title]
    first = min(titled, key=lambda g: g.event_time or g.detected_at, default=None)
    if first is None:
        return {"date": None, "title": None}
    return {"date": _day(first), "title": first.title, "url": first.url}


def _companies(ipo: Iterable[IpoProgress], stage: IpoStage, when: str) -> list[str]:
    """The companies of the register that reached a stage in a year or month (a prefix of the ISO day).

    An exchange lists applicants of every trade; those of medical AI are the ones that the register knows.
    """
    reached = {e.company.id: e.company.name for e in ipo if e.stage is stage and _day(e).startswith(when)}
    return sorted(name for name in reached.values() if register().known(name))


def _reimbursement(listings: Iterable[ReimbursementListing]) -> dict[str, object]:
    shanghai = [listing for listing in listings if listing.province == "shanghai"]
    first = min(shanghai, key=lambda e: e.event_time or e.detected_at, default=None)
    if first is None:
        return {"month": None, "new_items": None}
    return {"month": _day(first)[:7], "authority": first.province, "new_items": first.items, "url": first.url}


def _day(event: EventBase) -> str:
    return shanghai_day(event.event_time or event.detected_at).isoformat()


def _until(event: EventBase, as_of: date) -> bool:
    return _day(event) <= as_of.isoformat()
