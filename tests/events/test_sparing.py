"""Libraries that are imported without others."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys

import pytest

from events.sparing import without

UNUSED = {
    "rich",
    "click",
    "greenlet",
    "charset_normalizer",
    "pypdfium2",
    "python_calamine",
    "olefile",
    "feedparser",
    "faust",
}
"""What the scrapers' room has no use for: some 25 MB together."""


def test_within_it_is_as_if_it_were_not_installed_and_afterwards_it_is_there() -> None:
    sys.modules.pop("this", None)
    with without("this"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("this")
    assert "this" not in sys.modules
    assert importlib.util.find_spec("this") is not None


def test_what_is_imported_already_stays() -> None:
    with without("sys", "importlib"):
        assert importlib.import_module("importlib") is importlib
    assert sys.modules["importlib"] is importlib


def test_the_scrapers_room_is_imported_without_what_it_does_not_use() -> None:
    code = "import sys, scrapers.room, events.kafka; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & UNUSED == set()
