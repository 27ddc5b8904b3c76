"""Every way of asserting, denying or leaving open a method holds for every name of a method."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.enrich.explain import explain

DATA = Path(__file__).parent / "data" / "said.txt"
METHODS = {
    "zh": (
        "深度学习", "人工智能", "神经网络", "机器学习", "AI", "卷积神经网络", "人工智能算法", "深度学习技术",
        "大语言模型", "AI算法",
    ),
    "en": ("artificial intelligence", "deep learning", "machine learning", "AI", "neural network", "neural networks"),
    "one": ("",),
}  # fmt: skip
WANT = {"asserted": (True, False), "denied": (False, True), "neither": (False, False)}


def phrases() -> Iterator[tuple[str, str, str]]:
    said = language = ""
    for line in DATA.read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("# "):
            said, language = line[2:].split()
        else:
            yield said, language, line.replace("\\n", "\n")


@pytest.mark.parametrize(("said", "language", "phrase"), list(phrases()))
def test_a_phrase_says_the_same_of_every_method(said: str, language: str, phrase: str) -> None:
    title = "肺结节CT影像软件\n" if language == "zh" else ""
    for method in METHODS[language]:
        text = title + phrase.replace("{m}", method)
        got = explain(text)
        assert (got.is_ai, got.denied) == WANT[said], text
