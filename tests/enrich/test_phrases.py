"""Single phrases by which texts assert (A), deny (D) or leave open (N) a method. All were used to tune the rules."""

from __future__ import annotations

import pytest

from streams.enrich.explain import explain

PHRASES = """
A 对未使用造影剂的胸部CT采用深度学习进行分析
A 未散瞳条件下拍摄的眼底图像由深度学习模型判断
A 若干功能基于深度学习实现
A 虚拟现实显示与深度学习分割模块组成
A 手术计划模块中使用深度学习
A 拟合曲线并使用神经网络识别
D 未对影像使用人工智能
D 不将人工智能用于图像分析
D 没有任何功能采用深度学习
D 并非通过采用人工智能实现
D 算法上完全没有人工智能的参与
D 人工智能相关研究资料不适用，因产品不含相应算法
D 该软件的所有功能均与人工智能、机器学习无涉
D 未搭载AI芯片及AI算法
D 软件不属于采用人工智能技术的独立软件
D 本产品为非AI产品
D 分割算法不为深度学习
D 不是人工智能软件
D 其算法并不是以数据驱动的机器学习算法
D 摒弃了深度学习，改用模型法
D 本注册单元排除深度学习重建功能
D 深度学习重建功能不包含在本次注册单元内
D 深度学习重建功能（不在中国注册）
N 本软件可兼容人工智能辅助诊断软件
N 医院若配置AI服务器，可另购AI模块
N 为人工智能训练提供标注工具
N 用于人工智能算法研究的图像标注
N 该型号同类产品采用人工智能
A 采用深度学习算法，无需造影剂
A 基于深度学习，非接触式测量
A 深度学习算法未对儿童进行验证
A 不提供诊断结论的人工智能辅助检测软件
A 本软件不能替代医生，其人工智能算法仅用于辅助
A 由AI算法自动标出，不可单独用于诊断
A AI辅助检测，医生可关闭AI功能
A 使用者可选择是否启用深度学习重建
A 人工智能算法不改变原始图像
A 深度学习算法冻结，不具有自学习功能
A 传统算法与深度学习相结合
A 除测量功能外均采用深度学习
A 在不使用GPU时亦可运行的深度学习软件
A 非实时地利用神经网络处理图像
A 不但用于显示，也用人工智能分析
A 非增强CT图像的深度学习检测
N 自研算法识别
N 智能识别算法自动检出病灶
N 采用先进算法
N AI值、HI值自动计算的睡眠仪
N 主动脉瓣反流（AI）自动测量
N 产品型号AI-100、AI-200
N 使用AI品牌打印机
N 爱AI牌助听器
A 内置AI芯片，运行卷积网络
A 含AI阅片功能
A AI+CT影像平台
A AI眼底相机
A 融合AI的超声诊断仪
A 智能AI心电仪
A 以人工智能为核心
D 无人工智能
D AI：无
D 是否采用人工智能：□是 ☑否
A 是否采用人工智能：☑是 □否
D The software does not utilize AI/ML.
D No machine learning algorithms are used.
D This device is not AI-enabled.
D AI is not used
D Segmentation is performed manually rather than with deep learning.
A Not intended for diagnosis; uses deep learning to flag.
A The AI does not replace the reader.
A AI algorithm is locked and does not learn in the field.
N Compatible with third-party AI software.
N AI Technology Inc. stapler
N Aortic insufficiency (AI) quantification by Doppler
A AI4CMR v1.0
A Deep Learning Image Reconstruction
A ClearRead Xray with neural-network
N AIR Recon coil
N AIM speech
N Air-oxygen blender
N HAI kit
"""
CASES = [tuple(line.split(" ", 1)) for line in PHRASES.strip().splitlines()]


@pytest.mark.parametrize(("wanted", "phrase"), CASES)
def test_a_phrase_says_what_a_reader_hears(wanted: str, phrase: str) -> None:
    labels = explain(phrase if phrase.isascii() else f"医学处理软件\n{phrase}")
    assert (labels.is_ai, labels.denied) == (wanted == "A", wanted == "D"), labels.evidence
