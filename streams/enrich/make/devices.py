"""Notices that list devices: which of them say that a certificate was issued, and what a record of the UDI database says."""

from __future__ import annotations

import re

from events.event import DeviceApproval
from events.notice import Notice
from streams.enrich.make.approval import approvals
from streams.enrich.normalise import simplified

_ISSUES = re.compile(r"送达信息|待领取信息|批准注册|批准上市|准予注册|注册证书?发布|获批")
_NOT = re.compile(r"召回|抽检|抽验|不合格|不符合|注销|撤销|吊销|暂停|停产|飞行检查|责令|警戒|公开征求|征求意见")
_NAMED = ("product_name", "certificate_number", "registrant", "model")


def issues(notice: Notice) -> bool:
    """Whether the rows of a notice are certificates that were issued. A recall or a failed inspection lists devices too."""
    title = simplified(notice.title)
    if _NOT.search(title):
        return False
    return (
        notice.source_id == "nmpa-delivery" or not notice.source_id.startswith("nmpa-") or bool(_ISSUES.search(title))
    )


def registered(notice: Notice) -> list[DeviceApproval]:
    """The approval that a UDI record tells of, by its certificate; none for a record of a search, which names none.

    When the certificate was issued the record does not say: its own date is that of the identifier, maybe years later. So the
    event has no time but the year in the number of its certificate.
    """
    if not notice.fields.get("certificate_number"):
        return []
    row = {name: notice.fields[name] for name in _NAMED if name in notice.fields}
    row["composition"] = notice.fields.get("description", "")
    made = approvals(notice.model_copy(update={"rows": (row,)}))
    return [event.model_copy(update={"event_time": None, "event_time_precision": None}) for event in made]
