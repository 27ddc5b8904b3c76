"""The tables of devices on NMPA's pages: certificates delivered, registrations, recalls."""

from __future__ import annotations

import re

from scrapers.platforms.tables import SEQ, Columns, rows_of, squeeze
from scrapers.platforms.walk import Element

_ACCEPTANCE = re.compile(r"^[A-Z]{2,5}\d{7,}(?:-\d+)?$")
_CERTIFICATE = re.compile(r"[\u4e00-\u9fff]械[注备][准进许]?\d{8,}|食?药监械")
_FIRST, _COMMAS = re.compile(r"^\s*(\d{1,4})\s*[、.．]"), re.compile(r"[，；|]")
_BROKEN = re.compile(r"[\u4e00-\u9fff]械[注备]\s*[准进许]?\s*(?:20)\s*\d\s*\d(?:[ ]?\d){7}(?!\d)")
_COMPANY = re.compile(
    r"(?:公司|厂|集团|研究[院所]|医院|中心|大学)(?:\(.*\))?$|(?i:\b(?:ltd|inc|gmbh|corp|llc|co|ag|b\.v|s\.a)\b\.?|inc\.?$|ltd\.?$)"
)
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,}")
# what the header cells say, in the wording of NMPA's own pages
_NAMES = {
    SEQ: "序号 编号 序 No. NO",
    "acceptance_number": "受理号 受理编号 受理文号 申请受理号",
    "product_name": "产品名称 医疗器械名称 通用名称 品名 名称 产品",
    "certificate_number": "注册证编号 注册证号 注册证书编号 批准文号 注册号 证书编号 证书号 批件号 批准证明文件编号 "
    "注册证 证号 证件编号 备案号 备案编号 备案凭证号 备案凭证编号 注册文件号 变更文件编号",
    "registrant": "注册人名称 注册人 申请人 申请人名称 企业名称 申请单位 申请企业 生产企业 公司名称 注册申请人 生产企业名称",
    "device_class": "管理类别 类别",
    "composition": "结构及组成 结构组成 主要组成成分 结构及组成成分",
    "intended_use": "适用范围 预期用途 适用范围及预期用途",
    "model": "型号规格 规格型号 型号 规格 型号、规格",
}
COLUMNS = Columns(
    names={squeeze(name): key for key, names in _NAMES.items() for name in names.split()},
    patterns={"acceptance_number": _ACCEPTANCE, "certificate_number": _CERTIFICATE},
    guesses={SEQ: re.compile(r"^\d{1,4}[.、]?$"), "registrant": _COMPANY, "product_name": _WORDS},
)
_LONGEST = 32  # of a certificate number; a longer word is a sentence that mentions one
_LEADING = re.compile(r"^\s*(?P<seq>\d{1,4})\s*[.、)）]?$")


def device_rows(body: Element, seen: str) -> tuple[dict[str, str], ...]:
    """The devices that a page lists: the rows of its tables, or, where they came as plain lines, those lines."""
    return rows_of(body, COLUMNS) or tuple(row for line in seen.split("\n") if (row := _from_line(line)))


def _from_line(line: str) -> dict[str, str] | None:
    """A row written as words: a running number, an acceptance number, the product, a certificate number."""
    words = _BROKEN.sub(lambda number: squeeze(number.group()), _COMMAS.sub(" ", _FIRST.sub(r"\1 ", line))).split()
    row: dict[str, str] = {}
    rest: list[str] = []
    for place, word in enumerate(words):
        said = squeeze(word)
        if _ACCEPTANCE.match(said):
            row.setdefault("acceptance_number", said)
        elif len(said) <= _LONGEST and _CERTIFICATE.search(said):
            row.setdefault("certificate_number", said)
        elif place == 0 and (leading := _LEADING.match(word)):
            row[SEQ] = leading["seq"]
        else:
            rest.append(word)
    if "acceptance_number" not in row:
        return None
    return row | ({"product_name": " ".join(rest)} if rest else {})
