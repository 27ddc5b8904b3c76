"""What an event adds, checked without Redis."""

from __future__ import annotations

from hypothesis import given

from events.event import EventBase
from events.labels import Labels
from events.view.catalog import METRICS
from events.view.series import parse_dim_key
from streams.contribute import contributions
from tests.streams.make import approval, histories, price


def _series(event: EventBase) -> dict[tuple[str, str], str]:
    return {(metric, key): field for metric, key, field, _ in contributions(event)}


def test_a_class_iii_certificate_that_asserts_no_method_counts_as_a_certificate_only() -> None:
    found = _series(approval(labels=Labels(is_ai=False, scenario=("lung_nodule",))))
    assert {metric for metric, _ in found} == {"events", "certificates"}


def test_an_ai_certificate_counts_under_every_label_that_it_carries() -> None:
    found = _series(approval())
    for key in ("", "scenario=lung_nodule", "modality=CT", "company=company_01", "year=2022", "algorithm=deep"):
        assert found["class3_certificates", key] == "2022-01-01"
    assert found["class3_companies", "scenario=lung_nodule"] == "2022-01-01|company_01"


def test_the_day_is_the_one_in_shanghai() -> None:
    late = approval().model_copy(update={"event_time": approval().event_time.replace(hour=17)})  # type: ignore[union-attr]
    assert _series(late)["class3_certificates", ""] == "2022-01-02"


def test_an_undated_fact_is_counted_in_no_day() -> None:
    undated = price("beijing").model_copy(update={"event_time": None, "event_time_precision": None})
    assert _series(undated)["pricing_provinces", ""] == "undated|beijing"


def test_a_national_price_guide_is_no_province() -> None:
    national = price("beijing").model_copy(update={"province": "CN"})
    assert {metric for metric, _ in _series(national)} == {"events", "price_items"}


@given(histories())
def test_every_contribution_is_in_the_table_of_metrics(history: list[EventBase]) -> None:
    for event in history:
        found = contributions(event)
        assert (not found) == event.retracted
        for metric, key, _, _ in found:
            assert parse_dim_key(key).keys() <= set(METRICS[metric].dims)
