"""Histories of events of every type that a metric is made of, close enough together to be joined.

Made by a seeded chance and not by hypothesis itself, whose draws are mostly small: a join would seldom have two sides.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from hypothesis import strategies as st

from events.base import EntityRef, Money
from events.event import (
    DeviceApproval,
    EventBase,
    Filing,
    FinancialReport,
    FinancingRound,
    Guidance,
    InnovationReview,
    IpoProgress,
    IpoStage,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.labels import Labels, Modality, Sector
from tests.streams.make import SEEN, START

COMPANIES = [
    EntityRef(id=one, name=one.title(), china=one != "ge") for one in ("keya", "airdoc", "ge", "united_imaging")
]
PRODUCTS = [EntityRef(id=one, name=one.upper()) for one in ("product_1", "product_2", "product_3")]
NAMES = ["冠脉软件", "冠脉 软件", "Lung AI", "lung ai"]
SCENARIOS = ["ct_ffr", "lung_nodule", "glaucoma"]
PERIODS = [
    (date(2020, 1, 1), date(2020, 12, 31)),
    (date(2021, 1, 1), date(2021, 12, 31)),
    (date(2021, 1, 1), date(2021, 6, 30)),
    (date(2022, 1, 1), date(2022, 6, 30)),
    (date(2021, 7, 1), date(2022, 3, 31)),
    (date(2021, 1, 1), date(2021, 12, 31)),
]

LATEST = date(2023, 6, 1)
AS_OF = st.integers(-500, 300).map(lambda n: (START + timedelta(days=n)).date())


def _maybe(chance: random.Random, what: object, of_ten: int = 7) -> object:
    return what if chance.random() * 10 < of_ten else None


def _money(chance: random.Random) -> Money:
    minor = chance.randint(-(10**18), 10**18) if chance.random() < 0.2 else chance.randint(-500, 1500)
    return Money(minor=minor, currency=chance.choice(["CNY", "CNY", "CNY", "CNY", "USD"]))


def _some(chance: random.Random, of: list[str], most: int = 2) -> tuple[str, ...]:
    return tuple(chance.sample(of, chance.randint(0, most)))


def _labels(chance: random.Random) -> Labels:
    return Labels(
        is_ai=chance.random() < 0.8,
        ai_relevant=chance.random() < 0.5,
        sector=chance.choice([Sector.IMAGING, Sector.IMAGING, Sector.ECG_PHYSIO, Sector.OTHER]),
        modality=chance.choice([Modality.CT, Modality.FUNDUS, Modality.OTHER]),
        scenario=_some(chance, SCENARIOS),
        algorithm=_some(chance, ["deep", "transfer"]),
        entities=tuple(chance.sample(COMPANIES, chance.randint(0, 1))),
    )


def _fields(model: type[EventBase], chance: random.Random) -> dict[str, object]:
    """What each type has of its own."""
    company, pick = chance.choice(COMPANIES), chance.choice
    product, period = _maybe(chance, pick(PRODUCTS)), pick(PERIODS)
    low, high = _maybe(chance, _money(chance)), _maybe(chance, _money(chance))
    figures = ("revenue", "gross_profit", "rd_expense", "net_profit", "cash")
    accepted = date(2019, 1, 1) + timedelta(days=chance.randint(0, 500))
    fields: dict[type[EventBase], dict[str, object]] = {
        DeviceApproval: {
            "certificate_number": f"国械注准2021321{chance.randint(0, 12):04d}",
            "product_name": pick(NAMES),
            "registrant": _maybe(chance, company, 9),
            "device_class": pick([3, 3, 3, 3, 2, None]),
            "certificate_year": pick([None, 2021]),
            "origin": pick([None, "domestic"]),
            "accepted_on": _maybe(chance, accepted, 5),
            "route": pick([None, None, None, "priority"]),
            "product": product,
        },
        InnovationReview: {"product_name": pick(NAMES), "applicant": _maybe(chance, company)},
        PriceItem: {
            "province": pick(["beijing", "hebei", "CN"]),
            "item_name": pick(["项目一", "项目二"]),
            "product": product,
            "price": low,
        },
        ReimbursementListing: {
            "province": pick(["shanghai", "beijing"]),
            "items": _maybe(chance, chance.randint(1, 10**9)),
            "products": tuple(chance.sample(PRODUCTS, chance.randint(0, 2))),
        },
        IpoProgress: {
            "exchange": pick(["HKEX", "SSE"]),
            "project_id": pick(["1", "2"]),
            "company": company,
            "stage": pick([IpoStage.ACCEPTED, IpoStage.INQUIRY, IpoStage.LISTED]),
            "raw_status": "1",
        },
        FinancialReport: {
            "company": company,
            "period_start": period[0],
            "period_end": period[1],
            "top_five_share_bp": _maybe(chance, chance.randint(0, 10_000)),
            **{name: _maybe(chance, _money(chance)) for name in figures},
        },
        FinancingRound: {
            "company": company,
            "round": pick(["A", "B", "D+"]),
            "early_stage": pick([None, True, False]),
            "amount_low": low,
            "amount_high": high,
        },
        OverseasClearance: {
            "register_name": pick(["FDA", "CE", "PMDA"]),
            "number": "K1",
            "product_name": pick(NAMES),
            "company": company,
            "panel": _maybe(chance, "Radiology"),
        },
        Guidance: {"stage": pick(["issued", "draft"])},
        Filing: {"company": company, "stock_code": "02251", "document_url": "https://www.hkexnews.hk/a.pdf"},
    }
    return fields[model]


MODELS: list[type[EventBase]] = [
    *(DeviceApproval, DeviceApproval, DeviceApproval, PriceItem, ReimbursementListing, InnovationReview, IpoProgress),
    *(FinancialReport, FinancialReport, FinancialReport, FinancingRound, OverseasClearance, Guidance, Filing),
]


def _event(chance: random.Random) -> EventBase:
    model = chance.choice(MODELS)
    return model.model_validate(
        {
            "event_id": f"{model.__name__}:{chance.randint(0, 12)}",
            "revision": chance.randint(1, 3),
            "retracted": chance.random() < 0.05,
            "title": "a title",
            "url": "https://www.nmpa.gov.cn/a.html",
            "source_id": chance.choice(["nmpa-delivery", "cninfo"]),
            "notice_id": "nmpa-delivery:a",
            "event_time": _maybe(chance, START + timedelta(hours=9 * chance.randint(-700, 400)), 9),
            "detected_at": SEEN,
            "labels": _labels(chance),
            **_fields(model, chance),
        }
    )


def history(seed: int, size: int) -> list[EventBase]:
    """Corrections and retractions among them; one (id, order) is always one text, as at a real source."""
    chance = random.Random(seed)
    drawn = [_event(chance) for _ in range(size)]
    return list({(event.event_id, event.order): event for event in drawn}.values())


sector_histories = st.builds(history, st.integers(0, 2**32), st.integers(1, 110))
