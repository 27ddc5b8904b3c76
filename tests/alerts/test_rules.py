"""The rules file: the default one, and the errors of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.configuration import ConfigurationError
from alerts.rules import DeadlineRule, EventRule, HealthRule, MetricRule, load_rules

GOOD = '[[rule]]\nid = "a"\non = "event"\ntitle = "{{ event.title }}"\n'
METRIC = '[[rule]]\nid = "m"\non = "metric"\nmetric = "pricing_provinces"\nmilestones = [10]\ntitle = "x"\n'


def test_default_rules() -> None:
    rules = load_rules()
    assert [(rule.id, type(rule)) for rule in rules] == [
        ("new-class3-ai", EventRule),
        ("tenth-province", MetricRule),
        ("source-failing", HealthRule),
        ("certificate-withdrawn", EventRule),
        ("closing-soon", DeadlineRule),
        ("source-quiet", HealthRule),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + 'sectr = ["imaging"]\n', "line 5, rule 'a': `sectr` is not known; did you mean `sector`?"),
        (GOOD + GOOD, "line 6, rule 'a': this id is used twice"),
        ('[[rule]]\nid = "a"\non = "event"\n', "line 1, rule 'a': `title` is missing; add it"),
        (GOOD + 'types = ["approvals"]\n', "line 5, rule 'a': `types`: 'approvals' is no type of event"),
        (GOOD + 'scenario = ["lungs"]\n', "line 5, rule 'a': `scenario`: 'lungs' is no scenario"),
        (GOOD + 'severity = "loud"\n', "line 5, rule 'a': `severity`: Input should be 'info'"),
        (GOOD + "device_class = [4]\n", "line 5, rule 'a': `device_class`"),
        (GOOD.replace("event.title", "event.titel"), "`event.titel`; there are"),
        (GOOD.replace("event.title", "os.environ"), "reads `os`; there are"),
        (GOOD.replace("}}", ""), "does not parse"),
        (GOOD.replace('"event"', '"evnt"'), "line 1, rule 'a'"),
        (METRIC.replace("[10]", "[]"), "line 5, rule 'm': `milestones`"),
        (METRIC.replace("pricing_provinces", "prices"), "no metric is called 'prices'"),
        (METRIC + 'dims = { produkt = "*" }\n', "no dimension 'produkt'"),
        (METRIC + "above = 3\n", "give exactly one of `milestones`, `above`"),
        (
            METRIC.replace("milestones = [10]", "change = { days = 7 }"),
            "line 5, rule 'm': `change`: give exactly one of `by`",
        ),
        (METRIC.replace("milestones = [10]", "rank = { top = 3 }"), "`rank` needs exactly one dimension"),
        (METRIC + 'for = "1h"\n', "`for` has no meaning here"),
        (
            METRIC.replace("milestones = [10]", 'above = 3\nfor = "soon"'),
            "line 6, rule 'm': `for`: 'soon' is no duration",
        ),
        (GOOD + 'watch = ["rivals"]\n', "line 5, rule 'a': `watch`: no [[watch_list]] is called 'rivals'"),
        (GOOD.replace('"event"', '"deadline"') + 'types = ["filing"]\n', "an event of type filing states no deadline"),
        ("[[rules]]\n", "`rules` is not known here"),
        ("rule = 3\n", "`rule` must be a list of tables"),
        ("[[rule]\n", "not valid TOML"),
    ],
)
def test_error_names_place_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_rules(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load_rules(tmp_path / "absent.toml")
