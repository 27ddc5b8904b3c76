"""Derived metrics from facts written by hand: the numbers that a person would work out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from events.view.catalog import DERIVED
from events.view.derived.spec import Facts, Value, table, value
from events.view.derived.untold import untold
from events.view.series import UNDATED, Fact, window

AS_OF = date(2022, 9, 1)
EMPTY: dict[str, list[Fact]] = {name: [] for spec in DERIVED.values() for name in spec.needs}


def certificate(number: str, day: str, company: str, product: str = "", **more: str) -> Fact:
    known = {"scenario": "ct_ffr", "algorithm": "deep", "route": "", "name": number, "accepted": "", **more}
    parts = (number, company, product, known["scenario"], "imaging", "CT", known["algorithm"], known["route"])
    return Fact(day, (*parts, known["name"], known["accepted"], day[:4]), 1)


def figure(company: str, period: str, name: str, amount: int, currency: str = "CNY", day: str = "2022-03-31") -> Fact:
    year, half = period[:4], period[4:]
    end = f"{year}-06-30" if half else f"{year}-12-31"
    return Fact(day, (company, f"{year}-01-01", end, name, f"{day}T00:00:00+00:00", str(amount), currency), 1)


def price(product: str, province: str, day: str, minor: str = "", currency: str = "") -> Fact:
    return Fact(day, ("item", province, product, minor, currency), 1)


KNOWN: dict[str, list[Fact]] = EMPTY | {
    "class3_products": [
        certificate("c1", "2020-01-10", "keya", "ffr", accepted="2019-01-10"),
        certificate("c2", "2021-01-10", "shukun", scenario="ct_ffr;stroke", name="stroke"),
        certificate("c3", "2022-01-10", "keya", algorithm="transfer", scenario="lung_nodule", accepted="2021-07-14"),
        certificate("c4", "2022-02-10", "airdoc", scenario="", route="priority", algorithm=""),
    ],
    "innovation_products": [Fact("2020-12-31", ("stroke", "shukun"), 1), Fact("2022-12-31", ("c3", "keya"), 1)],
    "price_items": [
        price("ffr", "beijing", "2020-07-08", "150000", "CNY"),
        price("ffr", "hebei", "2020-06-08", "120000", "CNY"),
        price("c4", "CN", "2022-03-01", "100", "USD"),
    ],
    "reimbursed_products": [Fact("2021-04-22", ("ffr", "shanghai"), 1), Fact(UNDATED, ("c2", "beijing"), 1)],
    "company_sectors": [Fact("2021-01-01", (one, "imaging"), 2) for one in ("keya", "shukun", "airdoc")],
    "company_figures": [
        figure("keya", "2020", "revenue", 100, day="2021-03-31"),
        figure("keya", "2021", "revenue", 300),
        figure("keya", "2021", "net_profit", -450),
        figure("keya", "2021", "rd_expense", 150),
        figure("keya", "2021", "top_five_share_bp", 8000, ""),
        figure("keya", "2022H1", "revenue", 10, day="2022-08-31"),
        figure("shukun", "2021", "revenue", 781),
        figure("shukun", "2021", "revenue", 700, day="2021-12-31"),
        figure("shukun", "2020", "revenue", 100, day="2021-03-31"),
        figure("shukun", "2021", "net_profit", -500, "USD"),
    ],
    "ipo_projects": [
        Fact("2021-01-01", ("2021-01-01T00:00:00+00:00#00", "SSE/1", "accepted"), 1),
        Fact("2021-01-11", ("2021-01-11T00:00:00+00:00#01", "SSE/1", "inquiry"), 1),
        Fact("2021-01-15", ("2021-01-15T00:00:00+00:00#01", "SSE/1", "inquiry"), 1),
        Fact("2021-03-11", ("2021-03-11T00:00:00+00:00#06", "SSE/1", "suspended"), 1),
        Fact("2021-01-01", ("2021-01-01T00:00:00+00:00#00", "HKEX/1", "accepted"), 1),
        Fact("2021-01-14", ("2021-01-14T00:00:00+00:00#05", "HKEX/1", "listed"), 1),
    ],
    "financing_deals": [
        Fact("2021-01-01", ("r1", "a", "A", "drug_rd", "true", "2021", "300", "400", "CNY"), 1),
        Fact("2021-02-01", ("r2", "b", "A+", "drug_rd", "true", "2021", "500", "500", "CNY"), 1),
        Fact("2021-03-01", ("r3", "c", "D", "drug_rd", "false", "2021", "100", "100", "USD"), 1),
        Fact("2021-10-01", ("r4", "d", "B", "imaging", "", "2022", "", "", ""), 1),
    ],
}
FACTS = Facts(KNOWN)


def of(name: str, within: str = "cumulative", as_of: date = AS_OF, **where: str) -> Value:
    return value(DERIVED[name], FACTS, window(within, as_of), where)


def by(name: str, dim: str, **where: str) -> Mapping[str, Value]:
    return table(DERIVED[name], FACTS, window("cumulative", AS_OF), dim, where)


def test_shares_and_crowding_of_certificates() -> None:
    assert (of("deep_learning_share"), of("deep_learning_share", "year")) == (5000, 0)
    assert of("products_per_scenario") == Fraction(4, 3)
    assert of("scenario_hhi") == 3750
    assert by("company_hhi", "scenario") == {"ct_ffr": 5000, "lung_nodule": 10000, "stroke": 10000}


def test_routes_are_stated_or_seen_before_the_certificate_and_never_guessed() -> None:
    assert by("class3_routes", "route") == {"innovation": 1, "not_stated": 2, "priority": 1}
    assert of("innovation_to_approval_days") == 10
    assert (of("review_days"), of("review_days", company="keya", year="2022")) == (Fraction(365 + 180, 2), 180)


def test_first_price_and_range_keep_currencies_apart() -> None:
    assert of("first_price_day", product="ffr") == "2020-06-08"
    assert (of("price_lowest", product="ffr"), of("price_highest", product="ffr")) == (120000, 150000)
    assert (of("price_lowest"), by("price_lowest", "currency")) == (None, {"CNY": 120000, "USD": 100})


def test_the_funnel_counts_products_and_days() -> None:
    assert by("funnel_products", "step") == {"certified": 4, "priced": 1, "reimbursed": 2, "revenue": 3}
    assert by("funnel_products", "step", scenario="stroke") == {"certified": 1, "reimbursed": 1, "revenue": 1}
    assert by("funnel_companies", "step") == {"certified": 3, "priced": 1, "reimbursed": 2, "revenue": 2}
    assert by("funnel_lag_days", "step") == {"priced": 150, "reimbursed": 318, "revenue": -22}
    assert by("funnel_days_since_certificate", "step", product="ffr") == {
        "priced": 150,
        "reimbursed": 468,
        "revenue": 446,
    }
    assert of("funnel_products", "year", step="certified") == 2


def test_time_in_a_stage_ends_when_the_next_begins() -> None:
    assert by("ipo_stage_days", "stage") == {"accepted": Fraction(23, 2), "inquiry": 59}
    assert by("ipo_stage_days", "stage", exchange="HKEX") == {"accepted": 13}


def test_financing_never_adds_two_currencies_nor_guesses_an_amount() -> None:
    assert (of("financing_low", currency="CNY"), of("financing_high", currency="CNY")) == (800, 900)
    assert (of("financing_low"), of("financing_undisclosed")) == (None, 1)
    assert by("early_stage_share", "statistical_year") == {"2021": 6667}
    assert of("rounds", sector="drug_rd", statistical_year="2021") == 3
    assert of("early_stage_rounds", sector="drug_rd", statistical_year="2021") == 2
    assert of("financing_undisclosed", "statistical_year", date(2022, 8, 31)) == 1


def test_figures_are_of_the_last_year_and_the_last_statement_of_it() -> None:
    assert by("revenue", "company") == {
        "keya": 300,
        "shukun": 781,
    }
    assert by("revenue", "period", company="keya") == {"2020": 100, "2021": 300, "2022H1": 10}
    assert by("revenue_growth", "company") == {"keya": 20000, "shukun": 68100}
    assert of("revenue_growth") == 44050
    assert by("net_margin", "company") == {"keya": -15000}
    assert of("revenue", sector="imaging") == Fraction(1081, 2)


def test_a_ratio_is_known_once_both_of_its_figures_are() -> None:
    stated = [figure("keya", "2021", "revenue", 4, day="2022-05-01"), figure("keya", "2021", "net_profit", 1)]
    late = Facts(EMPTY | {"company_figures": stated})
    days = [date(2022, 4, 30), date(2022, 5, 1)]
    assert [value(DERIVED["net_margin"], late, window("month", day), {}) for day in days] == [None, 2500]


def test_the_distance_is_the_mean_of_its_parts_and_none_without_one() -> None:
    assert by("distance_to_profitability", "part", sector="imaging") == {
        "dependence": 8000,
        "loss": 10000,
        "no_revenue": 3333,
        "research": 5000,
        "unpaid": 5000,
    }
    assert of("distance_to_profitability", sector="imaging") == 6267
    bare = Facts(KNOWN | {"company_figures": []})
    spec = DERIVED["distance_to_profitability"]
    assert value(spec, bare, window("cumulative", AS_OF), {"sector": "imaging"}) is None
    assert table(spec, bare, window("cumulative", AS_OF), "part", {})["unpaid"] == 5000


def test_nothing_seen_is_nothing_known() -> None:
    for spec in DERIVED.values():
        assert value(spec, Facts(EMPTY), window("cumulative", AS_OF), {}) in (None, 0)


def why(name: str, facts: dict[str, list[Fact]] = KNOWN, **where: str) -> str:
    return untold(DERIVED[name], Facts(facts), window("cumulative", AS_OF), where)


def test_what_tells_nothing_says_why_and_what_to_ask_instead() -> None:
    assert why("first_price_day") == ""
    assert "are in CNY, USD, which are never put together: give --by currency" in why("price_lowest")
    assert why("price_lowest", currency="CNY") == ""
    assert "price_items" in why("price_lowest", EMPTY)
    certified_only = EMPTY | {name: KNOWN[name] for name in ("class3_products", "company_sectors")}
    assert "--by part" in why("distance_to_profitability", certified_only)


def test_every_metric_tells_something_or_why_not() -> None:
    for facts in (KNOWN, EMPTY):
        for name, spec in DERIVED.items():
            told = value(spec, Facts(facts), window("cumulative", AS_OF), {})
            assert (why(name, facts) == "") == (told is not None), name
