"""The receivers file: typed, with secrets by reference only."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.channels.console import ConsoleChannel
from alerts.channels.email import EmailChannel
from alerts.channels.slack import SlackChannel
from alerts.configuration import ConfigurationError
from alerts.opening import open_receivers
from alerts.receivers import DEFAULT, load_receivers
from events.base import Severity
from events.clock import VirtualClock
from tests.alerts.build import alert

ALL = """
[[receiver]]
id = "team-slack"
channel = "slack"
url_env = "SLACK_URL"
rules = ["new-class3-ai"]
min_severity = "warning"

[[receiver]]
id = "mail"
channel = "email"
host = "mail.example.org"
sender = "medpulse <medpulse@example.org>"
to = ["analyst@example.org"]
username = "medpulse"
password_file = "PASSWORD"  # pragma: allowlist secret
unsubscribe = "mailto:stop@example.org"

[[receiver]]
id = "screen"
channel = "console"
"""
MAIL = '[[receiver]]\nid = "m"\nchannel = "email"\nhost = "h"\nsender = "a@example.org"\n'


def _file(tmp_path: Path, text: str) -> Path:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n", encoding="utf-8")
    path = tmp_path / "receivers.toml"
    path.write_text(text.replace("PASSWORD", str(secret)), encoding="utf-8")
    return path


def test_each_channel_is_opened(tmp_path: Path, clock: VirtualClock) -> None:
    settings = load_receivers(_file(tmp_path, ALL))
    opened = open_receivers(settings, {"SLACK_URL": "https://hooks.slack.example/s3cr3t"}, clock)
    assert [type(receiver.channel) for receiver in opened] == [SlackChannel, EmailChannel, ConsoleChannel]
    assert [receiver.id for receiver in opened] == ["team-slack", "mail", "screen"]
    assert "s3cr3t" not in repr(opened)
    assert "hunter2" not in repr(opened)
    assert opened[0].wanted.min_severity is Severity.WARNING


def test_a_receiver_is_told_what_it_asked_for(tmp_path: Path, clock: VirtualClock) -> None:
    slack, _, screen = open_receivers(
        load_receivers(_file(tmp_path, ALL)), {"SLACK_URL": "https://hooks.slack.example/x"}, clock
    )
    quiet, loud = alert(), alert(severity=Severity.CRITICAL)
    other = alert(severity=Severity.CRITICAL, rule_id="other")
    assert [slack.wanted.wants(a) for a in (quiet, loud, other)] == [False, True, False]
    assert all(screen.wanted.wants(a) for a in (quiet, loud, other))


def test_nothing_configured_is_the_console(tmp_path: Path) -> None:
    assert load_receivers(None) == DEFAULT == load_receivers(_file(tmp_path, ""))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[receiver]]\nid = "s"\nchannel = "slack"\n', "give exactly one of `url_env`"),
        ('[[receiver]]\nid = "s"\nchannel = "slack"\nurl = "https://x"\n', "line 4, receiver 's': `url` is not known"),
        ('[[receiver]]\nid = "s"\nchannel = "fax"\n', "receiver 's'"),
        (MAIL, "`to` is missing"),
        (MAIL + 'to = ["a\\nb@example.org"]\n', "line 6, receiver 'm': `to`"),
        (MAIL + 'to = ["b@example.org"]\nusername = "u"\n', "given together or not at all"),
        (
            MAIL + 'to = ["b@example.org"]\nusername = "u"\npassword_env = "P"\nsecurity = "none"\n',
            "not sent in the clear",
        ),
        (MAIL + 'to = ["b@example.org"]\nunsubscribe = "javascript:x"\n', "`unsubscribe`"),
    ],
)
def test_errors_name_place_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_receivers(_file(tmp_path, text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "SLACK_URL, which is not set"),
        ({"SLACK_URL": "http://hooks.slack.example/s3cr3t"}, "must start with https://"),
    ],
)
def test_a_secret_that_is_not_there_is_named_not_shown(
    tmp_path: Path, clock: VirtualClock, env: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        open_receivers(load_receivers(_file(tmp_path, ALL)), env, clock)
    assert "s3cr3t" not in str(caught.value)
