"""The documents are held to the code: settings, exit codes, links, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bench.manual import LIMIT_BYTES, PICTURES
from events.publish import ROOT
from medpulse.cli import whole
from medpulse.embedded.leash import NOT_STARTED
from medpulse.polling import EXIT
from streams import app, brake, watchdog

DOCS = ROOT / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def _section(heading: str) -> str:
    return OPERATIONS.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def _first_cells(section: str) -> Iterator[str]:
    for line in section.splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`([^`]+)`", line.split("|")[1])


def test_every_exit_code_is_in_the_table() -> None:
    told = {int(code) for code in _first_cells(_section("Exit codes"))}
    ours = {0, 1, 2, 130, NOT_STARTED, *EXIT.values(), watchdog.EXIT_CODE, brake.EXIT_CODE, app.TOO_OLD}
    assert told == ours


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    away = [link for link in links if "://" not in link and not link.startswith("#")]
    assert [link for link in away if not (page.parent / unquote(link.partition("#")[0])).exists()] == []


def test_the_manual_shows_every_picture_and_none_is_large() -> None:
    folder = DOCS / "manual"
    shown = {name for page in folder.glob("*.md") for name in re.findall(r"\]\((\S+)\.png\)", page.read_text("utf-8"))}
    assert shown == {picture.name for picture in PICTURES} == {file.stem for file in folder.glob("*.png")}
    assert [file.name for file in folder.glob("*.png") if file.stat().st_size > LIMIT_BYTES] == []


def _spoken(text: str) -> Iterator[tuple[str, str]]:
    """Command and next word of what stands in code: ``medpulse alerts why ID`` gives ("alerts", "why")."""
    code = [*re.findall(r"`(medpulse [^`]+)`", text), *re.findall(r"^ {4,}(medpulse .+)$", text, flags=re.MULTILINE)]
    for line in code:
        yield from re.findall(r"^medpulse ([a-z]+)(?: ([a-z]+\b))?", line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    root = get_command(whole())
    assert isinstance(root, TyperGroup)
    unknown = []
    for name, following in _spoken(page.read_text(encoding="utf-8")):
        command = root.commands.get(name)
        inside = command.commands if isinstance(command, TyperGroup) else {following: None}
        if command is None or (following and following not in inside):
            unknown.append(f"{name} {following}")
    assert unknown == []


def test_every_target_of_make_that_a_page_names_is_there() -> None:
    there = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named <= there
