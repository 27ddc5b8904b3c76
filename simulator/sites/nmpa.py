"""www.nmpa.gov.cn: the pages of certificate deliveries, one a day on which certificates went out."""

from __future__ import annotations

from events.clock import SHANGHAI
from simulator.facts import Certificate, Delivery, Facts
from simulator.sites.cms import Cms, CmsArticle, noticed
from simulator.sites.site import shanghai

HOST = "www.nmpa.gov.cn"
COLUMN = "/zwfw/sdxx/sdxxylqx/qxpjfb/"
COLUMNS = {
    COLUMN: "医疗器械批准证明文件送达信息",
    "/ylqx/ylqxggtg/": "医疗器械公告通告",
    "/xxgk/chpzhh/ylqxzhh/ylqxzhhdf/": "医疗器械召回",
    "/xxgk/zhqyj/": "征求意见",
}
HEADER = ("序号", "受理号", "产品名称", "注册证编号", "注册人名称", "管理类别", "结构及组成", "适用范围")
CLASSES = {2: "第二类", 3: "第三类"}


def nmpa(facts: Facts) -> Cms:
    """The site with the delivery pages of the facts."""
    articles = [*(_article(page) for page in facts.delivery), *noticed(facts.cms_notice, HOST)]
    return Cms(HOST, "bm35000001", "国家药品监督管理局", COLUMNS, articles)


def _article(page: Delivery) -> CmsArticle:
    return CmsArticle(
        path=f"{COLUMN}{shanghai(page.at, '%Y%m%d%H%M%S')}{page.at.microsecond // 1000:03d}.html",
        title=shanghai(page.at, "%Y年%m月%d日医疗器械批准证明文件送达信息"),
        listed=page.at.astimezone(SHANGHAI).date(),
        pub_date=shanghai(page.at, "%Y-%m-%d %H:%M"),
        illustrative=any(row.illustrative for row in page.rows),
        table=(HEADER, *(_cells(number, row) for number, row in enumerate(page.rows, 1))),
    )


def _cells(number: int, row: Certificate) -> tuple[str, ...]:
    return (
        str(number),
        row.acceptance,
        row.product,
        row.number,
        row.registrant,
        CLASSES[row.device_class],
        row.composition,
        row.intended_use,
    )
