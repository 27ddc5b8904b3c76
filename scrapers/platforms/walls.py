"""Bot walls: access controls that are recognised and reported, and never defeated."""

from __future__ import annotations

import re

STATUSES = frozenset({202, 400, 412, 521})
"""What Ruishu (412, 202, and 400 after a solved challenge) and Jiasule (521) answer to a plain client."""

_MARKS = (
    (re.compile(r"\$_ts\b"), "a Ruishu script ($_ts)"),
    (re.compile(r"<script\b[^>]*\br=['\"]?m\b", re.IGNORECASE), "a Ruishu script (r=m)"),
    (re.compile(r"Precondition Failed"), "the text 'Precondition Failed'"),
    (
        re.compile(r"(?:网站|访问|查询)地址已变更|url_change\.html"),
        "the notice that the address has changed (网站地址已变更)",
    ),
    (re.compile(r"\bC3VK\b"), "a script that sets the cookie C3VK"),
    (re.compile(r"__jsl(?:_clearance|uid)?\b"), "a Jiasule script (__jsl)"),
    (re.compile(r"\bacw_(?:sc__v\d|tc)\b"), "a script that sets the cookie acw_sc"),
)


def wall(text: str) -> str | None:
    """The mark of a bot wall in a page, or None.

    A page with a mark may still hold its content (an NMPA page fetched by a browser does), so look for the content first.
    """
    return next((what for pattern, what in _MARKS if pattern.search(text)), None)
