"""The polarity of a method in one sentence: asserted, denied, or only mentioned."""

from __future__ import annotations

import pytest

from streams.enrich.explain import explain

DENIED = [
    "不含人工智能算法",
    "未采用深度学习技术",
    "本产品不具有人工智能/机器学习功能",
    "软件中无深度学习",
    "人工智能：不适用",
    "人工智能算法　不涉及",
    "不包含任何算法（如深度学习、神经网络等）",
    "算法类型：非人工智能",
    "该软件使用传统算法，并非基于深度学习",
    "采用的是传统算法而非深度学习",
    "深度学习技术在本产品中未得到应用",
    "对于人工智能、深度学习等技术，本产品均未采用",
    "与人工智能、深度学习无关",
    "是否含有人工智能算法：否",
    "人工智能组件 □是 ☑否",
    "本次变更删除了人工智能模块",
    "不使用AI",
    "軟體未採用人工智慧與深度學習",
    "does not use AI, machine learning, or deep learning",
    "AI functions: none",
    "This is a non-AI device",
    "Machine learning is not used",
    "No artificial intelligence is included",
]
ASSERTED = [
    "不仅采用传统算法，还采用深度学习",
    "包括但不限于深度学习",
    "并非传统方法，而是采用神经网络",
    "除深度学习模块外，还包括浏览模块",
    "并非不含深度学习",
    "无需人工干预即可通过深度学习完成分割",
    "深度学习的结果不能单独作为诊断依据",
    "报告模块不含人工智能，但检测模块采用深度学习",
    "不采用阈值法而采用深度学习方法",
    "非增强CT影像经深度学习处理",
    "采用了深度学习，而不是传统方法",
    "是否采用深度学习：是",
    "采用深度学习算法，不涉及联邦学习",
    "uses not only thresholding but also deep learning",
    "Rather than atlas methods, it uses a neural network",
]
NOT_SAID = [
    "采用自研算法",
    "软件内置特定算法",
    "uses a proprietary algorithm",
    "载脂蛋白AI测定试剂盒",
    "抗AI抗体检测试剂盒",
    "AIDS病毒抗体检测试剂",
    "输出AHI、AI、HI等指标",
    "AI牌一次性使用注射器",
    "型号：AI-100",
    "AI-2信号分子检测试剂",
    "Airdoc眼底相机",
    "人工晶状体",
    "注册人：上海某某人工智能科技有限公司",
    "同品种产品采用深度学习",
    "没有经过深度学习培训的用户不得使用",
    "是否采用深度学习",
]


@pytest.mark.parametrize("text", DENIED)
def test_denied(text: str) -> None:
    labels = explain(f"影像处理软件\n{text}。")
    assert (labels.is_ai, labels.denied, labels.algorithm) == (False, True, ())


@pytest.mark.parametrize("text", ASSERTED)
def test_asserted(text: str) -> None:
    labels = explain(f"影像处理软件\n{text}。")
    assert (labels.is_ai, labels.denied) == (True, False)


@pytest.mark.parametrize("text", NOT_SAID)
def test_not_said(text: str) -> None:
    labels = explain(text)
    assert (labels.is_ai, labels.denied) == (False, False)


def test_an_own_algorithm_is_noted_though_it_is_neither() -> None:
    assert [e.label for e in explain("采用自研算法").evidence if e.rule.startswith("method")] == [
        "algorithm_unspecified"
    ]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("采用卷积神经网络", ("deep",)),
        ("采用迁移学习", ("transfer",)),
        ("采用随机森林", ("ensemble",)),
        ("采用联邦学习", ("federated",)),
        ("采用强化学习", ("reinforcement",)),
        ("采用生成对抗网络", ("gan",)),
        ("采用自适应学习", ("adaptive",)),
        ("采用机器学习", ("other",)),
        ("采用机器学习中的深度学习", ("deep",)),
        ("采用人工智能", ()),
        ("采用深度学习，未采用迁移学习", ("deep",)),
    ],
)
def test_classes_of_algorithm(text: str, classes: tuple[str, ...]) -> None:
    assert explain(text).algorithm == classes
