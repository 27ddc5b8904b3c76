"""www.cmde.org.cn: guiding principles, issued and as drafts."""

from __future__ import annotations

from events.clock import SHANGHAI
from simulator.facts import Facts, Guidance
from simulator.sites.cms import Cms, CmsArticle, noticed, stamp
from simulator.sites.site import shanghai

HOST = "www.cmde.org.cn"
COLUMNS = {
    "/flfg/zdyz/": "指导原则",
    "/flfg/zdyz/zdyzwbk/": "指导原则文本库",
    "/flfg/zdyz/zqyjg/": "征求意见稿",
    "/flfg/zdyz/fbg/": "发布稿",
    "/flfg/zdyz/fbg/fbgyy/": "有源",
    "/flfg/zdyz/fbg/fbgwy/": "无源",
    "/flfg/zdyz/fbg/fbgtwsj/": "体外诊断试剂",
    "/flfg/zdyz/fbg/fbgqt/": "其他",
    "/xwdt/zxyw/": "中心要闻",
}


def cmde(facts: Facts) -> Cms:
    """The site with the guidance pages of the facts."""
    name = "国家药品监督管理局医疗器械技术审评中心"
    articles = [*(_article(row) for row in facts.guidance), *noticed(facts.cms_notice, HOST)]
    return Cms(HOST, "bm35000013", name, COLUMNS, articles)


def _article(row: Guidance) -> CmsArticle:
    """A page entered after its date states that date without a time of day, which the CMS writes as midnight."""
    at = stamp(row.path)
    same_day = at.astimezone(SHANGHAI).date() == row.listed
    return CmsArticle(
        path=row.path,
        title=row.title,
        listed=row.listed,
        pub_date=shanghai(at, "%Y-%m-%d %H:%M") if same_day else f"{row.listed.isoformat()} 00:00",
        illustrative=row.illustrative,
        text="（正文从略：模拟页面只载标题、日期与网址。）",
    )
