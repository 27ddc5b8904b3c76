"""Which facts raise which alerts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.decide import Fact, alerts_of
from alerts.rules import EventRule, MetricRule, load_rules
from events.base import EntityRef
from events.labels import Labels, Sector
from events.messages import Alert, HealthState
from tests.alerts.build import LABELS, SEEN, TITLE, approval, health, priced

RULES = load_rules()


def _ids(fact: Fact) -> list[str]:
    return [alert.alert_id for alert in alerts_of(fact, RULES)]


def test_new_class3_ai_says_what_it_knows() -> None:
    (alert,) = alerts_of(approval(), RULES)
    assert alert.alert_id == "new-class3-ai:device_approval:1"
    assert alert.title == "New Class III AI certificate: 肺结节CT影像辅助检测软件"
    assert alert.labels["title_zh"] == "新增人工智能三类证：肺结节CT影像辅助检测软件"
    assert alert.text == "Company 01 holds certificate 国械注准20223210001 for Lung nodule."
    assert alert.labels["event_time"] == "2022-03-05", "a day in Shanghai, not an instant in UTC"
    assert alert.labels["evidence"] == TITLE[16:19] == "肺结节"
    assert alert.raised_at == SEEN
    assert alert.event_ids == ("device_approval:1",)


@pytest.mark.parametrize(
    "change",
    [
        {"device_class": 2},
        {"device_class": None},
        {"labels": Labels(ai_relevant=True)},
    ],
)
def test_other_certificates_raise_nothing(change: dict[str, Any]) -> None:
    assert _ids(approval(**change)) == []


@pytest.mark.parametrize("revision", [1, 2])
def test_a_certificate_that_is_withdrawn_is_told_as_that_alone(revision: int) -> None:
    withdrawn = approval(retracted=True, revision=revision)
    assert _ids(withdrawn) == ["certificate-withdrawn:device_approval:1@retracted"]


def test_a_revision_raises_the_same_alert_not_a_second_one() -> None:
    assert _ids(approval(revision=2, generation=4)) == _ids(approval())


def test_illustrative_marks_reach_the_alert() -> None:
    assert alerts_of(approval(illustrative=True), RULES)[0].illustrative


@pytest.mark.parametrize(
    ("previous", "value", "raised"),
    [(9, 10, 1), (8, 11, 1), (10, 11, 0), (11, 10, 0), (9, 9, 0), (10, 9, 0), (0, 9, 0)],
)
def test_tenth_province_is_told_when_passed_upwards(previous: int, value: int, raised: int) -> None:
    assert (
        _ids(priced(previous, value)) == ["tenth-province:pricing_provinces{product=keya_deepvessel_ffr}:10"] * raised
    )


def test_passing_the_tenth_again_after_a_correction_is_the_same_alert() -> None:
    assert _ids(priced(9, 10)) == _ids(priced(9, 12))


def test_a_series_with_other_dims_is_not_the_rule_s() -> None:
    total = priced(9, 10).model_copy(update={"dims": {}})
    assert _ids(total) == []


def test_several_milestones_passed_at_once_are_several_alerts() -> None:
    rule = MetricRule(
        id="m", on="metric", metric="pricing_provinces", dims={"product": "keya*"}, milestones=(5, 10, 20), title="x"
    )
    assert [alert.alert_id[-2:] for alert in alerts_of(priced(4, 19), [rule])] == [":5", "10"]
    assert alerts_of(priced(4, 19, product="other"), [rule]) == []


def test_a_product_has_its_name() -> None:
    (alert,) = alerts_of(priced(9, 10), RULES, {"keya_deepvessel_ffr": "DEEPVESSEL FFR"})
    assert alert.title == "DEEPVESSEL FFR is now priced in 10 provinces"


def test_one_outage_is_one_alert_and_the_next_is_another() -> None:
    first = [_ids(health(HealthState.FAILING, SEEN + timedelta(hours=n), SEEN)) for n in (1, 2)]
    assert first[0] == first[1] != []
    assert _ids(health(HealthState.FAILING, SEEN + timedelta(days=2), SEEN + timedelta(days=1))) != first[0]
    assert _ids(health(HealthState.DEGRADED)) == []


def _rule(**conditions: Any) -> EventRule:
    return EventRule.model_validate({"id": "r", "on": "event", "title": "{{ event.title }}"} | conditions)


@pytest.mark.parametrize(
    ("conditions", "raised"),
    [
        ({}, True),
        ({"sector": ["imaging"]}, True),
        ({"sector": ["pathology"]}, False),
        ({"modality": ["MR", "CT"]}, True),
        ({"modality": ["MR"]}, False),
        ({"scenario": ["lung_nodule"]}, True),
        ({"scenario": ["fracture"]}, False),
        ({"algorithm": ["deep_learning"]}, True),
        ({"algorithm": ["rules"]}, False),
        ({"entities": ["company-01"]}, True),
        ({"entities": ["company-02"]}, False),
        ({"keywords": ["肺结节 ct"]}, True),
        ({"keywords": ["骨折"]}, False),
        ({"types": ["device_approval"], "is_ai": False}, False),
        ({"types": ["filing"]}, False),
        ({"change": "revised"}, False),
        ({"change": "retracted"}, False),
    ],
)
def test_conditions(conditions: dict[str, Any], raised: bool) -> None:
    assert bool(alerts_of(approval(), [_rule(**conditions)])) is raised


def test_entities_named_in_the_text_count() -> None:
    labels = LABELS.model_copy(update={"entities": (EntityRef(id="company-02", name="Company 02"),)})
    assert alerts_of(approval(labels=labels), [_rule(entities=["company-02"])])


@pytest.mark.parametrize(("change", "event"), [("revised", {"revision": 3}), ("retracted", {"retracted": True})])
def test_changes_are_told_under_ids_of_their_own(change: str, event: dict[str, Any]) -> None:
    (alert,) = alerts_of(approval(**event), [_rule(change=change)])
    assert alert.alert_id == f"r:device_approval:1{'@r3' if change == 'revised' else '@retracted'}"


def test_a_template_that_fails_does_not_cost_the_alert() -> None:
    alert: Alert = alerts_of(
        approval(registrant=None), [_rule(types=["device_approval"], title="{{ event.registrant.name }}")]
    )[0]
    assert alert.title == TITLE
    assert "title" in alert.labels["template_fault"]


@pytest.mark.parametrize(
    "attack",
    ["{{ event.__class__.__mro__ }}", "{{ ''.__class__.__base__.__subclasses__() }}", "{{ range(10 ** 9) | list }}"],
)
def test_templates_are_in_a_sandbox(attack: str, tmp_path: Path) -> None:
    rule = EventRule.model_construct(**{**_rule().model_dump(), "title": attack})
    (alert,) = alerts_of(approval(), [rule])
    assert alert.title == TITLE
    assert "template_fault" in alert.labels


def test_labels_of_other_are_not_facts() -> None:
    labels = LABELS.model_copy(update={"sector": Sector.OTHER})
    assert "sector" not in alerts_of(approval(labels=labels), RULES)[0].labels
