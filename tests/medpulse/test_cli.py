"""The command line without an instance: help, texts, pages, empty metrics, and failures that are one line each."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import orjson
import pytest
import typer.main
from typer.testing import CliRunner

from alerts.configuration import ConfigurationError
from events.view.catalog import CATALOG, WINDOWS
from medpulse.cli import PLAIN, app_for, whole
from medpulse.commands.metrics import shown
from medpulse.errors import Failure, expected, in_words, one_line
from streams.enrich.files import BadRegister
from tests.medpulse.command import answer, medpulse, refused

app = whole()

FDA = "https://www.fda.gov/media/178541/download"


def commands() -> Iterator[tuple[str, ...]]:
    """Every command there is, groups opened."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        yield from ((name, one) for one in inner) if inner else ((name,),)


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_help_has_an_example_of_its_command(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    _, _, example = shown.output.partition("Example: ")
    assert f"medpulse {' '.join(command)}" in example


def test_each_command_alone_is_the_one_of_the_whole() -> None:
    every = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name in every:
        alone = typer.main.get_command(app_for([name, "--help"])).commands  # type: ignore[attr-defined]
        assert list(alone) == [name] or name in next(names for names in PLAIN.values() if name in names)
        assert alone[name].get_short_help_str() == every[name].get_short_help_str()
    assert list(typer.main.get_command(app_for(["nothing"])).commands) == list(every)  # type: ignore[attr-defined]


def test_alone_it_lists_its_commands(tmp_path: Path) -> None:
    shown = medpulse(tmp_path)
    listed = shown.stdout + shown.stderr
    assert all(name in listed for name, *_ in commands())
    assert "Traceback" not in listed


@pytest.mark.parametrize(
    "wrong",
    ["nothing", "explain --nope", "events list --limit 0", "metrics get events --as-of 2022-13-01", "run kitchen"],
)
def test_wrong_usage_is_exit_code_2(wrong: str) -> None:
    shown = CliRunner().invoke(app, shlex.split(wrong))
    assert shown.exit_code == 2
    assert shown.stderr
    assert not shown.stdout


def test_explain_says_what_a_text_says(tmp_path: Path) -> None:
    text = "肺结节CT影像辅助检测软件，采用深度学习算法"
    said = answer(tmp_path, "explain", text)
    assert (said["is_ai"], said["modality"], said["scenario"], said["algorithm"]) == (
        True,
        "CT",
        ["lung_nodule"],
        ["deep"],
    )
    for one in said["evidence"]:
        assert text[one["start"] : one["end"]]
    piped = medpulse(tmp_path, "explain", "-", given=text)
    assert piped.returncode == 0
    assert text in piped.stdout
    assert "lung_nodule" in piped.stdout


def test_an_empty_text_says_nothing(tmp_path: Path) -> None:
    said = answer(tmp_path, "explain", "")
    assert said["is_ai"] is False
    assert said["evidence"] == []


def test_explain_reads_utf8_whatever_the_locale(tmp_path: Path) -> None:
    said = answer(tmp_path, "explain", "肺结节CT", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert said["scenario"] == ["lung_nodule"]
    refused(medpulse(tmp_path, "explain", given="\udcff\udcfe"), "not UTF-8", "byte 0")


def test_explain_lines_keeps_the_order_and_answers_a_bad_line_too(tmp_path: Path) -> None:
    lines = ['{"id": 1, "text": "肺结节CT 🫁"}', "nope", "[1]", '{"id": "c"}', "", '{"id": 7, "text": 5}', "\udcff"]
    lines.append('{"id": "z", "text": ""}')
    ended = medpulse(tmp_path, "explain", "--jsonl", given="\n".join(lines))
    answers = [orjson.loads(line) for line in ended.stdout.splitlines()]
    assert [(one["id"], "error" in one) for one in answers] == [
        (1, False),
        (None, True),
        (None, True),
        ("c", True),
        (None, True),
        (7, True),
        (None, True),
        ("z", False),
    ]
    assert [one["line"] for one in answers if "error" in one] == [2, 3, 4, 5, 6, 7]
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == [f"line {n}" for n in (2, 3, 4, 5, 6, 7)]
    assert ended.returncode == 1
    assert medpulse(tmp_path, "explain", "--jsonl").returncode == 0


def test_parse_prints_an_array_of_notices(tmp_path: Path, shared: Path) -> None:
    page = shared / "data" / "payloads" / "fda_ai_list_to_2021.xml"
    notices = answer(tmp_path, "parse", "fda-ai-list", str(page), "--url", FDA)
    assert len(notices) > 100
    assert {notice["source_id"] for notice in notices} == {"fda-ai-list"}


def test_parse_refuses_in_one_line(tmp_path: Path) -> None:
    page = tmp_path / "page[red].html"
    refused(medpulse(tmp_path, "parse", "fda-ai-list", str(page), "--url", FDA), str(page), "No such file")
    page.write_bytes(b"\x00<html>")
    refused(medpulse(tmp_path, "parse", "fda-ai-list", str(page), "--url", FDA), str(page), "not read as a page")
    refused(medpulse(tmp_path, "parse", "nope", str(page), "--url", FDA), "no source is called 'nope'", "fda-ai-list")


def test_a_fraction_is_shown_exactly() -> None:
    values = [
        None,
        7,
        "2021-01-02",
        Fraction(25, 2),
        Fraction(-1, 8),
        Fraction(49, 15),
        Fraction(1, 20),
        Fraction(6, 2),
    ]
    assert [shown(one) for one in values] == [None, 7, "2021-01-02", "12.5", "-0.125", "49/15", "0.05", "3"]


def test_a_derived_metric_is_listed_and_asked_like_any_other(tmp_path: Path) -> None:
    rows = {row["name"]: row for row in answer(tmp_path, "metrics", "list")}
    assert rows.keys() == CATALOG.keys()
    assert rows["funnel_products"]["derived"] is True
    assert rows["revenue"]["windows"] == list(WINDOWS)
    asked = ("metrics", "get", "funnel_products", "--by", "step", "--dim", "scenario=ct_ffr", "--as-of", "2022-09-01")
    assert answer(tmp_path, *asked) == {
        "metric": "funnel_products",
        "unit": "products",
        "window": "cumulative",
        "as_of": "2022-09-01",
        "dims": {"scenario": "ct_ffr"},
        "value": 0,
        "by": "step",
        "values": {},
    }
    assert (
        answer(tmp_path, "metrics", "get", "net_margin", "--as-of", "2022-09-01", "--window", "year")["value"] is None
    )


def test_metrics_can_be_listed_and_asked_before_anything_happened(tmp_path: Path) -> None:
    rows = {row["name"]: row for row in answer(tmp_path, "metrics", "list")}
    assert "stage" in rows["ipo_projects"]["by"]
    asked = ("metrics", "get", "ipo_projects", "--by", "stage", "--as-of", "2022-09-01", "--window", "year")
    assert answer(tmp_path, *asked) == {
        "metric": "ipo_projects",
        "unit": "projects",
        "window": "year",
        "as_of": "2022-09-01",
        "value": 0,
        "by": "stage",
        "values": {},
    }


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("metrics get nope", "no metric is called 'nope'"),
        ("metrics get events --by type --dim source=cninfo", "one dimension at a time"),
        ("metrics get revenue --dim company", "--dim wants NAME=VALUE, such as company=keya, not 'company'"),
        ("metrics get funnel_products --dim colour=red", "no dimension 'colour'; it has step"),
        ("metrics get events --by nope", "no dimension 'nope'; it has type, source"),
        ("metrics get events --window nope", "no window is called 'nope'; there are 7d"),
        ("events list --type nope", "no type of event is called 'nope'; there are"),
        ("events tail", "start `medpulse up`"),
        ("run worker", "needs MEDPULSE_KAFKA and MEDPULSE_REDIS"),
        ("sources check nope", "no source is called nope"),
    ],
)
def test_what_cannot_be_answered_is_one_line(tmp_path: Path, command: str, said: str) -> None:
    refused(medpulse(tmp_path / "home", *command.split()), said)
    assert not (tmp_path / "home").exists(), "nothing was started for it"


def test_events_and_sources_of_an_empty_folder(tmp_path: Path) -> None:
    assert answer(tmp_path, "events", "list", "--type", "device_approval") == []
    rows = {row["id"]: row for row in answer(tmp_path, "sources", "list")}
    assert {"nmpa-delivery", "cmde-guidance", "nhsa-policy", "cninfo", "sse-ipo", "fda-ai-list"} <= set(rows)
    assert rows["cninfo"]["last_poll"] is None


def test_a_source_that_does_not_answer_is_an_outage(tmp_path: Path) -> None:
    ended = medpulse(tmp_path, "sources", "check", "fda-ai-list", "--json", https_proxy="http://127.0.0.1:1")
    assert ended.returncode == 1
    assert orjson.loads(ended.stdout)["outcome"] == "outage"
    assert ended.stderr == ""


def test_the_published_contract_agrees_with_the_models(tmp_path: Path) -> None:
    assert medpulse(tmp_path, "schemas", "--check").returncode == 0
    refused(medpulse(tmp_path, "schemas", "--check", "--folder", str(tmp_path)), "run `medpulse schemas`")


def test_a_group_of_expected_failures_is_told_by_its_first() -> None:
    first, second = ConfigurationError("the rules"), BadRegister("the register")
    assert expected(ExceptionGroup("", [ExceptionGroup("", [first]), second])) is first
    assert expected(ExceptionGroup("", [first, ZeroDivisionError()])) is None
    assert expected(ZeroDivisionError()) is None


def test_a_failure_is_one_line_that_a_terminal_can_take() -> None:
    assert in_words(Failure("it ended:\n  | a\x1b[31m\n  | b")) == "it ended: | a\\x1b[31m | b"
    assert one_line("肺" * 10, most=4) == "肺肺肺…"


def test_the_schedule_of_a_folder_that_polled_nothing(tmp_path: Path) -> None:
    rows = answer(
        tmp_path, "sources", "schedule", MEDPULSE_SOURCES="fda-ai-list,nhsa-notices", MEDPULSE_POLLS_PER_DAY="6"
    )
    assert [(row["id"], row["placed_by"]) for row in rows] == [("fda-ai-list", "cadence"), ("nhsa-notices", "cadence")]
    assert sum(row["polls_per_day"] for row in rows) == pytest.approx(6, abs=0.2)
    (one,) = answer(tmp_path, "sources", "schedule", "cmde-guidance")
    assert (one["polls_per_day"], one["timetable"], one["next_poll"]) == (12.0, [], None)
    refused(medpulse(tmp_path, "sources", "schedule", "nope"), "no source is called nope")
