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
    "本产品的人工智能功能需另行购买，本注册单元不含",
    "无AI功能",
    "本产品没有AI",
    "AI 不适用",
    "与AI无关",
    "所有步骤由规则算法完成，无需AI",
    "人工智能三类证尚未取得，本产品不含AI",
    "AI辅助模块，尚未注册",
    "深度学习功能，未在中国注册",
    "功能列表：1.浏览；2.测量；3.AI肺结节检测（未获批）",
    "The AI module is not cleared in this submission",
    "第三方人工智能组件：不适用",
    "软件不具备AI肺结节识别功能",
    "人工智能算法不在本注册证范围内",
    "深度学习重建选件未纳入本次注册",
    "AI功能尚在研发",
    "没有任何人工智能成分",
    "不存在基于深度学习的功能模块",
    "未见采用人工智能算法",
    "不以人工智能为基础",
    "AI功能(未注册)",
    "人工智能软件功能未列入产品技术要求",
    "算法不含人工智能、机器学习、深度学习等",
    "全部功能均不依赖人工智能",
    "并无AI介入",
    "产品中的算法均非人工智能算法",
    "无深度学习、机器学习等功能",
    "不是采用AI算法，而是采用阈值法",
    "无需注射造影剂；未采用深度学习",
    "人工智能/深度学习：未使用",
    "It contains no machine learning component",
    "No AI/ML algorithms are used",
    "AI-free image processing",
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
    "采用第三方深度学习框架PyTorch训练的模型",
    "为提高分割精度采用深度学习训练的模型",
    "AI算法由本公司开发",
    "供医师使用的深度学习软件",
    "与医生配合使用的人工智能软件",
    "本软件与CT配合使用，采用深度学习检测结节",
    "为医生提供基于深度学习的结节检测结果",
    "该算法为深度学习算法，未批准用于儿童",
    "深度学习模型不包含患者隐私数据",
    "软件（含人工智能辅助决策功能）",
    "目前版本采用深度学习",
    "近年来，我公司采用深度学习技术开发了本产品",
    "无需注射造影剂的深度学习算法",
    "深度学习算法不用于儿童",
    "人工智能算法未见异常提示时不应排除病变",
    "基于深度学习的结节检出，未包含在手动测量流程中",
    "可与PACS系统连接，采用人工智能辅助检测",
    "采用卷积神经网络，兼容多家厂商CT设备",
    "通过AI肺结节检测，辅助医生",
    "与超声设备配合使用，通过深度学习识别切面",
    "AI模型固定，不在使用中更新",
    "深度学习模型在训练完成后固定，不在本地更新",
    "可用于与人工阅片同时进行的人工智能辅助检测",
    "The deep learning model was trained on third-party data",
    "Uses a convolutional neural network compatible with CT systems",
    "人工智能辅助诊断结果不在打印报告中体现",
    "该深度学习模型尚未用于儿童，仅供成人",
    "深度学习降噪，未增加辐射剂量",
    "神经网络模型不适用于儿童影像",
    "采用机器学习算法；未经授权不得使用",
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
    "可与人工智能软件配合使用",
    "compatible with third-party AI applications",
    "can be used together with AI software",
    "预留AI接口",
    "为人工智能训练提供影像数据",
    "供第三方人工智能公司调用",
    "与AI、HI等指标",
    "血清载脂蛋白AI与AII",
    "胶原AI型",
    "AI型流感",
    "支持将影像发送至第三方人工智能系统",
    "本产品与人工智能软件联合使用时，应参照其说明书",
    "输出AI(每小时呼吸暂停次数)",
    "AI100型",
    "人工晶体A常数",
    "智能导联切换",
    "AI公司",
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
