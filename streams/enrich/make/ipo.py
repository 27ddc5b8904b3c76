"""Listing applications: which stage a project reached.

Readers disagree on the codes of the exchanges (see the shared table), so the raw code is kept beside the stage.
"""

from __future__ import annotations

import re

from events.event import IpoProgress, IpoStage
from events.ids import fact_id
from events.labels import Kind
from events.notice import Notice
from events.said import whole
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable, at_day, common, field
from streams.enrich.normalise import simplified
from streams.enrich.register import resolve_company

_A, _Q, _C, _S, _R = IpoStage.ACCEPTED, IpoStage.INQUIRY, IpoStage.COMMITTEE, IpoStage.SUBMITTED, IpoStage.REGISTERED
_X, _T, _P, _L = IpoStage.REJECTED, IpoStage.TERMINATED, IpoStage.SUSPENDED, IpoStage.LISTED
STAGES: dict[str, dict[str, IpoStage]] = {
    "SSE": {"1": _A, "2": _Q, "3": _C, "4": _S, "5": _R, "6": _C, "7": _P, "8": _T, "9": _C, "10": _C},
    "SZSE": {
        "10": _A, "20": _Q, "30": _C, "35": _S, "40": _R, "50": _P, "60": _T, "45": _C, "44": _X, "46": _C, "56": _C,
        "54": _X, "70": _R, "74": _X, "78": _C, "76": _T, "80": _P, "90": _X, "95": _T,
    },
    "BSE": {
        "P01": _A, "P02": _Q, "P100": _C, "P03": _C, "P04": _X, "P05": _C, "P06": _S,
        "P101": _R, "P07-1": _R, "P07-2": _R, "P07": _R,
        "P08": _X, "P08-1": _X, "P08-2": _X, "P09": _P, "P10": _T,
    },
    "HKEX": {"A": _A, "PHIP": _C, "LT": _L, "IR": _T, "RT": _T},
}  # fmt: skip
"""Code → stage. SZSE's ``stage`` where it conflicts with its ``status`` (20, 30, 60). SSE as the exchange used it in 2026.

补充审核 (SSE 10, SZSE 78) counts as the committee's stage.
"""
_WORDS = (
    (re.compile(r"不予注册|不予核准|未通过|不通过|否决"), _X),
    (re.compile(r"终止|撤回|失效|退回|被拒|lapsed|withdrawn|returned|inactive"), _T),
    (re.compile(r"中止"), _P),
    (re.compile(r"已上市|挂牌上市|listed|new_listing"), _L),
    (re.compile(r"注册生效|注册结果|核准|^注册"), _R),
    (re.compile(r"提交注册"), _S),
    (re.compile(r"上市委|通过|暂缓|补充审核|聆讯|phip"), _C),
    (re.compile(r"问询"), _Q),
    (re.compile(r"受理|申请版本|active|application proof"), _A),
)


def stage_of(exchange: str, raw: str, words: str = "") -> IpoStage:
    """The stage by the exchange's words where they are plain (SZSE's codes differ by field), else by its code."""
    table = STAGES.get(exchange, {})
    text = simplified(f"{words} {'' if raw in table else raw}").strip().lower()
    for pattern, stage in _WORDS:
        if text and pattern.search(text):
            return stage
    return table.get(raw, IpoStage.UNKNOWN)


def progress(notice: Notice) -> list[IpoProgress]:
    """The stage that the project of this notice has reached. Raises `Unusable` without exchange, project or company."""
    exchange = field(notice, "exchange").upper()
    if exchange not in STAGES:
        raise Unusable(f"no exchange is called {exchange!r}")
    company = resolve_company(field(notice, "company", "company_en"))
    project = field(notice, "project_id", "stock_code")
    raw = notice.fields.get("raw_status", "").strip()
    words = notice.fields.get("status_text") or notice.fields.get("status", "")
    stage = stage_of(exchange, raw, words)
    base = common(notice, explain(whole(notice)), Kind.IPO, company)
    if stage is _A:
        base |= at_day(notice.fields.get("accepted_on", ""))
    elif notice.published_at is None:
        base |= at_day(notice.fields.get("updated_on", ""))
    return [
        IpoProgress(
            event_id=fact_id("ipo", exchange, project, stage),
            **base,
            exchange=exchange,
            project_id=project,
            company=company,
            stage=stage,
            raw_status=raw or words,
            board=notice.fields.get("board") or None,
        )
    ]
