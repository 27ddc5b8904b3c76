"""Routing cases, routes files, subscriptions: what a person writes, read and played."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.cases import judged, load_cases
from alerts.checking import check
from alerts.configuration import ConfigurationError
from alerts.decide import alerts_of
from alerts.routes import DEFAULT_ROUTES, load_routes
from alerts.rules import DEFAULT_RULES
from alerts.subscriptions import load_subscriptions, routes_of, rules_of
from tests.alerts.build import alert, approval

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "config"
ROUTE = '[[route]]\nid = "a"\nreceivers = ["team"]\n'
SUB = '[[subscription]]\nid = "li"\nreceiver = "li-wei"\n'


def test_the_example_cases_hold_for_the_example_routes() -> None:
    routing = load_routes(CONFIG / "routes.toml", ["console", "team-slack", "analysts", "on-call"])
    verdicts = [judged(case, routing) for case in load_cases(CONFIG / "cases.toml")]
    assert len(verdicts) >= 8
    assert {one.case.id: one.wrong for one in verdicts if one.wrong} == {}


def test_a_case_that_fails_says_how(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text('[[case]]\nid = "c"\nalert = { rule = "x" }\nexpect = { told = { nobody = "first" } }\n')
    (case,) = load_cases(path)
    verdict = judged(case, load_routes(DEFAULT_ROUTES, ["console"]))
    assert verdict.wrong == ("told: console (first); expected: nobody (first)",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ROUTE.replace("team", "taem"),
            "line 3, route 'a': `receivers`: no receiver is called 'taem'; did you mean 'team'?",
        ),
        (ROUTE + 'parent = "b"\n', "line 4, route 'a': `parent`: no route is called 'b'"),
        (ROUTE + 'parent = "a"\n', "its own ancestor"),
        (ROUTE + 'active_times = ["day"]\n', "line 4, route 'a': `active_times`: no time is called 'day'"),
        (ROUTE + 'group_wait = "soon"\n', "line 4, route 'a': `group_wait`: 'soon' is no duration"),
        (ROUTE + "continu = true\n", "line 4, route 'a': `continu` is not known; did you mean `continue`?"),
        (ROUTE + 'throttle = { most = 0, per = "1h" }\n', "`most`"),
        ('[[route]]\nid = "a"\n', "nobody is named"),
        ('[[time]]\nid = "t"\nhours = ["9-18"]\n', "line 3, time 't': `hours`: '9-18' is no span"),
        ('[[time]]\nid = "t"\nhours = ["22:00-07:00"]\n', "write two spans"),
        ('[[inhibit]]\nid = "i"\nwhen = { rule = ["x"] }\n', "line 1, inhibit 'i': `mute` is missing"),
        (
            ROUTE + 'active_times = ["t"]\nmute_times = ["t"]\n[[time]]\nid = "t"\n',
            "there is no time at which this may be told",
        ),
    ],
)
def test_errors_of_a_routes_file_name_line_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "routes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        check(path, ["team"])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (DEFAULT_RULES, "6 rules (2 event, 1 metric, 2 health, 1 deadline)"),
        (DEFAULT_ROUTES, "1 routes, 1 inhibitions, 1 times"),
        (CONFIG / "receivers.toml", "receivers"),
        (CONFIG / "rules.toml", "rules"),
        (CONFIG / "routes.toml", "routes"),
        (CONFIG / "subscriptions.toml", "subscriptions"),
        (CONFIG / "cases.toml", "cases"),
    ],
)
def test_the_files_that_come_with_medpulse_can_be_used(path: Path, said: str) -> None:
    assert said in check(path, ["console", "team-slack", "analysts", "on-call"])


def test_a_file_of_nothing_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("[[thing]]\nid = 'a'\n")
    with pytest.raises(ConfigurationError, match="no table of this file is known"):
        check(path, [])


def _written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_subscription_is_a_rule_and_a_route_to_one_person(tmp_path: Path) -> None:
    wishes = SUB + 'companies = ["company-01"]\nsectors = ["imaging"]\nrules = ["source-*"]\ntell = "daily"\n'
    other = SUB.replace('"li"', '"wang"').replace("li-wei", "wang") + 'keywords = ["肺结节"]\n'
    folder = _written(_written(tmp_path, "li.toml", wishes), "wang.toml", other)
    found = load_subscriptions(folder, ["li-wei", "wang", "team"])
    raised = alerts_of(approval(), rules_of(found))
    assert [a.rule_id for a in raised] == ["sub-li", "sub-wang"]
    assert alerts_of(approval(registrant=None), rules_of(found))[0].rule_id == "sub-wang"
    tree = load_routes(DEFAULT_ROUTES, ["li-wei", "wang", "team"], routes_of(found)).tree
    told = {a.rule_id: [(way.receiver, way.digest) for way in tree.targets(a)] for a in raised}
    assert told == {"sub-li": [("li-wei", "daily")], "sub-wang": [("wang", None)]}, "and nobody else is told of them"
    failing = alert(rule_id="source-failing")
    assert [way.receiver for way in tree.targets(failing)] == ["li-wei", "team"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SUB, "line 1, subscription 'li': nothing is asked for"),
        (SUB.replace("li-wei", "nobody") + 'keywords = ["x"]\n', "line 3, subscription 'li': `receiver`: no receiver"),
        (SUB + 'sector = ["imaging"]\n', "did you mean `sectors`?"),
        (SUB + 'types = ["approvals"]\n', "'approvals' is no type of event"),
    ],
)
def test_errors_of_a_subscription(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_subscriptions(_written(tmp_path, "s.toml", text), ["li-wei"])
    assert said in str(caught.value)
