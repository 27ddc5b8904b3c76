"""Which notices are one document, and which only look like it. Pure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.notice import Notice
from streams.copies.card import Card, card, core_of, document_key, likeness, minhash
from tests.enrich.make import PUBLISHED, notice

PRICE_TITLE = "关于新增冠状动脉CT血流储备分数计算等医疗服务价格项目的通知"
BODY = (
    "各区医疗保障局，各有关医疗机构：为进一步完善医疗服务价格项目管理，满足临床诊疗需要，经研究，现将新增冠状动脉CT血流储备分数计算"
    "等医疗服务价格项目有关事项通知如下：一、新增医疗服务价格项目1项，项目编码为FFR210800001，最高指导价为每次1800元。二、医疗机构应当"
    "严格执行明码标价制度，落实价格公示。三、本通知自2022年9月1日起执行，有效期2年。执行中遇到的问题请及时反馈。特此通知，请遵照执行。"
)


def said(source: str, title: str = PRICE_TITLE, body: str = BODY, *, days: int = 0, **more: object) -> Card:
    values: dict[str, object] = {
        "notice_id": f"{source}:{title[:6]}:{days}",
        "url": f"https://{source}.example.invalid/{abs(hash(title + body)) % 997}",
        "published_at": PUBLISHED + timedelta(days=days),
        "fields": {"province": "江苏"},
    }
    found = card(notice(source, title, body=body, **(values | more)))
    assert found
    return found


def test_a_repost_by_another_office_is_one_by_its_document_number() -> None:
    one = said("js-ybj", document_number="苏医保发〔2022〕15号")
    other = said(
        "nanjing",
        "转发省医疗保障局关于新增医疗服务价格项目的通知",
        body="",
        document_number="苏医保发[2022]15号",
        days=3,
    )
    found = likeness(one, other)
    assert found
    assert (found.rule, "苏医保发2022-15" in found.why) == ("document-number", True)


@pytest.mark.parametrize(
    "title",
    [
        f"江苏省医疗保障局{PRICE_TITLE}",
        f"【转发】{PRICE_TITLE}",
        f"转发江苏省医疗保障局{PRICE_TITLE}",
        PRICE_TITLE.replace("冠状动脉", "冠狀動脈"),
    ],
)
def test_a_mirror_is_one_by_its_title_without_what_the_repost_puts_before_it(title: str) -> None:
    found = likeness(said("js-ybj"), said("mirror", title, body="", days=2))
    assert found
    assert found.rule == "title"


def test_a_text_with_another_header_and_footer_is_one_by_its_hash() -> None:
    body = f"来源：省医疗保障局{BODY}打印本页 关闭窗口"
    found = likeness(said("js-ybj"), said("mirror", PRICE_TITLE.replace("等医疗", "等部分医疗"), body, days=1))
    assert found
    assert found.rule == "near-equal-text"


@pytest.mark.parametrize(
    "more",
    [
        {"fields": {"province": "浙江"}},
        {"body": BODY.replace("1800元", "2400元").replace("2年", "3年").replace("2022年9月1日", "2023年3月15日")},
        {"title": "《关于新增冠状动脉CT血流储备分数计算等医疗服务价格项目的通知》政策解读"},
        {"title": f"关于废止《{PRICE_TITLE}》的通知"},
        {"document_number": "苏医保发〔2022〕16号"},
        {"days": 400},
    ],
    ids=[
        "another province",
        "other numbers",
        "its explanation",
        "its repeal",
        "another document number",
        "another year",
    ],
)
def test_what_only_looks_the_same_stays_two(more: dict[str, object]) -> None:
    one = said("js-ybj", document_number="苏医保发〔2022〕15号")
    assert likeness(one, said("mirror", **more)) is None  # type: ignore[arg-type]


def test_two_drafts_with_one_covering_letter_stay_two() -> None:
    letter = 3 * (
        "各有关单位：根据国家药品监督管理局指导原则编制计划，我中心组织编制了{name}，"
        "现公开征求意见，请于2022年9月30日前反馈至邮箱。"
    )
    titles = [
        f"关于公开征求《{name}注册审查指导原则（征求意见稿）》意见的通知"
        for name in ("眼科超声诊断设备", "眼科光学诊断设备")
    ]
    one, other = (said("cmde", t, letter.format(name=t), fields={}) for t in titles)
    assert likeness(one, other) is None


def test_weekly_lists_of_one_title_stay_apart_and_the_same_list_elsewhere_is_joined() -> None:
    title = "医疗器械批准证明文件（准产）送达信息"
    week = [{"certificate_number": "国械注准20223210001"}], [{"certificate_number": "国械注准20223210002"}]
    one, next_one, mirrored = (
        said("nmpa-delivery", title, "", fields={}, rows=week[0]),
        said("nmpa-delivery", title, "", fields={}, rows=week[1], days=7),
        said("mirror", title, "", fields={}, rows=week[0], days=1),
    )
    assert likeness(one, next_one) is None
    found = likeness(one, mirrored)
    assert found
    assert found.rule == "title"


def test_what_has_an_identity_of_its_own_is_never_compared() -> None:
    assert card(notice("udi", "肺结节CT影像辅助检测软件", fields={"udi_di": "06912345"})) is None
    assert card(notice("cninfo", "2022年半年度报告", fields={"announcement_id": "1"})) is None
    assert card(notice("x", "通知")) is None


def test_spellings() -> None:
    assert document_key("国医保发〔２０２１〕 032号") == document_key("国医保发[2021]32号") == "国医保发2021-32"
    assert document_key("2022年8月") == ""
    assert core_of("【转发】国家医疗保障局办公室关于印发放射检查类项目立项指南的通知") == core_of(
        "关于印发放射检查类项目立项指南的通知"
    )


def test_likeness_is_symmetric_and_the_hash_is_stable() -> None:
    one, other = said("a"), said("b", body=BODY + "附件下载")
    assert (likeness(one, other) is None) == (likeness(other, one) is None)
    assert minhash("一二三四五六七八九十" * 20) == minhash("一二三四五六七八九十" * 20)


def test_a_notice_of_another_revision_has_the_card_of_its_words() -> None:
    first = notice("js-ybj", PRICE_TITLE, body=BODY)
    second: Notice = first.model_copy(update={"revision": 2})
    assert card(first) == card(second)
