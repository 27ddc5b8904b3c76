"""How long `explain` takes for one notice, in seconds of processor."""

from __future__ import annotations

import time

from bench.result import Result, measured
from streams.enrich.explain import explain

TEXTS = (
    "肺结节CT影像辅助检测软件\n产品由软件安装光盘组成。适用于胸部CT影像的显示、处理，采用深度学习算法对4mm及以上肺结节进行自动识别。",
    "医学影像存储与传输系统软件\n用于医学影像的接收、传输、显示、存储、处理和输出，不含人工智能算法，不具有自动诊断功能。",
    "BriefCase\nAidoc Medical, Ltd. Radiology QAS radiological computer aided triage and notification software, deep learning",
    "关于公开征求《人工智能辅助检测医疗器械（软件）临床评价注册审查指导原则（征求意见稿）》意见的通知",
)
ROUNDS = 250
GOAL = 1000.0
"""Microseconds a notice."""


def run() -> list[Result]:
    """Texts of 40 to 120 characters, as notices and register rows are."""

    def work() -> int:
        for _ in range(ROUNDS):
            for text in TEXTS:
                explain(text)
        return ROUNDS * len(TEXTS)

    return [measured("explain: one notice", work, clock=time.process_time)]


def main() -> None:
    """Print it: ``python -m bench.explain``. On a machine with other work the processor's time is the figure to read."""
    began, items = time.process_time(), 0
    for _ in range(ROUNDS):
        for text in TEXTS:
            explain(text)
            items += 1
    print(f"explain: processor time of one notice: {(time.process_time() - began) / items * 1e6:,.0f} µs")
    for result in run():
        print(f"{result.what}: {result.median:,.0f} {result.unit} (least {result.least:,.0f}, most {result.most:,.0f})")


if __name__ == "__main__":
    main()
