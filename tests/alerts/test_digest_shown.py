"""A digest in every channel: what sites wrote is inert in it, and it stays within the limits of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from alerts.channels.apprise.words import body, title
from alerts.channels.email.body import html, subject, text
from alerts.channels.slack.blocks import blocks, parts
from alerts.channels.webhook.channel import event
from alerts.digest.content import Digest, Item, Lang, Line, Period
from alerts.digest.room import announcement
from alerts.message import Message
from events.messages import Reason
from tests.alerts.build import SEEN
from tests.alerts.slack_server import fault_of, words

ATTACK = (
    '<script>x</script> <!channel> <at user_id="all"> *b* @everyone [y](http://evil.example) \u202egnp.exe\r\nBcc: v@x'
)


def _digest(items: int = 1, lang: Lang = Lang.EN) -> Digest:
    item = Item(kind=ATTACK, title=ATTACK, detail=ATTACK, url='https://evil.example/">|<b>', day="2022-03-07")
    lines = tuple(Line(name=f"figure {n}", value=1_234_567, change=-1) for n in range(12))
    return Digest(
        id="digest:daily:2022-03-06:x",
        period=Period.DAILY,
        lang=lang,
        start=date(2022, 3, 6),
        end=date(2022, 3, 6),
        lines=lines,
        items=(item,) * items,
        more=7,
        alerts=(item,) * items,
        board="https://board.example/?as_of=2022-03-06",
    )


def _message(digest: Digest) -> Message:
    return Message("x", (announcement(digest, "x", SEEN),), reason=Reason.DIGEST, content=digest)


@pytest.mark.parametrize("lang", Lang)
def test_hostile_text_is_inert_everywhere(lang: Lang) -> None:
    sent = _message(_digest(lang=lang))
    page = html(sent)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://evil.example/%22%3E%7C%3Cb%3E"' in page
    for block in blocks(sent):
        for part in [block.get("text", {}), *block.get("fields", []), *block.get("elements", [])]:
            if part.get("type") == "mrkdwn":
                assert not any(mark in part["text"] for mark in ("<!channel", "<at", "<script", "*b*"))
    chat = title(sent) + body(sent)
    assert not any(mark in chat for mark in ("<at", "@everyone", "](", "<script"))
    for said in (page, text(sent), chat, subject(sent), words({"text": "", "blocks": blocks(sent)})):
        assert not set("\u202e\r") & set(said)


@pytest.mark.parametrize("items", [0, 1, 30, 300])
def test_slack_takes_a_digest_of_any_length(items: int) -> None:
    sent = _message(_digest(items))
    (payload,) = ({"text": "x", "blocks": made} for made in parts(sent))
    assert fault_of(payload) is None
    assert "1,234,567" in words(payload)
    if items == 300:
        assert "all on the board" in words(payload)


def test_the_webhook_gets_it_as_data() -> None:
    made = event(_message(_digest()))
    assert (made["type"], made["data"]["reason"]) == ("org.medpulse.digest", "digest")
    assert Digest.model_validate(made["data"]["digest"]) == _digest()


def test_marks_come_first() -> None:
    drill = replace(_message(_digest()), drill=True, possible_duplicate=True)
    said = text(drill)
    assert said.index("drill") < said.index("Daily digest")
    assert subject(drill).startswith("[medpulse] [drill] Daily digest")
