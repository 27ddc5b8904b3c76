"""The documents name what there is: files, settings, outcomes, fields of notices, commands of the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from alerts.rules import load_rules
from events.messages import Outcome
from events.publish import ROOT
from events.schema import texts
from events.topics import TOPICS
from medpulse.settings import Settings

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
TOP = {"alerts", "bench", "board", "deploy", "docs", "events", "medpulse", "scrapers", "simulator", "streams", "tests"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_to_a_file(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(path: Path) -> None:
    named = re.findall(r"`([a-z]+/[\w./*-]*)`", path.read_text(encoding="utf-8"))
    ours = {name for name in named if name.split("/")[0] in TOP}
    assert [name for name in ours if not list(ROOT.glob(name.rstrip("/")))] == []


def test_every_setting_is_explained_and_every_explained_setting_exists() -> None:
    settings = {f"MEDPULSE_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"^\| `(MEDPULSE_\w+)`", OPERATIONS, re.MULTILINE)) == settings


def test_every_bad_outcome_of_a_poll_has_a_remedy() -> None:
    assert [o for o in Outcome if not o.healthy and f"| source `{o}`" not in OPERATIONS] == []


def test_every_public_topic_is_named_for_consumers() -> None:
    consuming = (ROOT / "docs/consuming.md").read_text(encoding="utf-8")
    assert [t.name for t in TOPICS if f"`{t.name}`" not in consuming] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {t for path in DOCUMENTS for t in re.findall(r"(?:`|^ {4})make ([a-z-]+)", path.read_text(), re.MULTILINE)}
    assert named
    assert named <= targets


def test_every_field_of_a_saved_notice_is_in_the_dictionary() -> None:
    expectations = sorted((ROOT / "tests/scrapers/pages").glob("*/*.expected.json"))
    notices = [n for path in expectations for n in orjson.loads(path.read_bytes())["notices"]]
    used = {name for n in notices for row in (n.get("fields", {}), *n.get("rows", ())) for name in row}
    # A column without a name of ours keeps its own header, which is Chinese.
    ours = {name for name in used if name.isascii()}
    assert ours
    assert sorted(ours - texts()["notice_fields"].keys()) == []


def test_the_rules_in_the_guide_can_be_loaded(tmp_path: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (tmp_path / "rules.toml").write_text(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[0], encoding="utf-8")
    assert [rule.id for rule in load_rules(tmp_path / "rules.toml")] == [
        "lung-nodule-certificates",
        "fifty-certificates",
    ]
