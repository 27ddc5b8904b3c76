"""The receivers file: typed, with secrets by reference only."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.channels.alertmanager import AlertmanagerChannel
from alerts.channels.console import ConsoleChannel
from alerts.channels.email import EmailChannel
from alerts.channels.slack import SlackBotChannel, SlackChannel
from alerts.channels.webhook import WebhookChannel
from alerts.configuration import ConfigurationError
from alerts.deliver import Receiver
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
        ('[[receiver]]\nid = "s"\nchannel = "slack"\ntoken_env = "T"\n', "`conversation` (the channel's id"),
        ('[[receiver]]\nid = "s"\nchannel = "slack"\nurl_env = "U"\nconversation = "C12345"\n', "only with one"),
        ('[[receiver]]\nid = "w"\nchannel = "webhook"\n', "exactly one of `url`, `url_env` and `url_file`"),
        ('[[receiver]]\nid = "a"\nchannel = "apprise"\nurl = "x://y"\n', "line 4, receiver 'a': `url` is not known"),
        ('[[receiver]]\nid = "a"\nchannel = "alertmanager"\nurl = "file:///x"\n', "line 4, receiver 'a': `url`"),
        (
            '[[receiver]]\nid = "a"\nchannel = "alertmanager"\nurl = "http://am"\nusername = "u"\npassword_env = "P"\n',
            "not sent in the clear: use https",
        ),
        (
            '[[receiver]]\nid = "a"\nchannel = "alertmanager"\nurl = "http://am"\ndigest = { daily = "08:30" }\n',
            "shows alerts, not digests",
        ),
        ('[[receiver]]\nid = "c"\nchannel = "console"\ndigest = { daily = "8.30" }\n', "line 4, receiver 'c'"),
        ('[[receiver]]\nid = "c"\nchannel = "console"\ndigest = { dayly = "08:30" }\n', "did you mean `daily`?"),
    ],
)
def test_errors_name_place_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_receivers(_file(tmp_path, text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "the variable SLACK_URL is not set"),
        ({"SLACK_URL": "http://hooks.slack.example/s3cr3t"}, "must start with https://"),
    ],
)
def test_a_secret_that_is_not_there_is_named_not_shown(
    tmp_path: Path, clock: VirtualClock, env: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        open_receivers(load_receivers(_file(tmp_path, ALL)), env, clock)
    assert "s3cr3t" not in str(caught.value)


def _opened(tmp_path: Path, clock: VirtualClock, text: str, env: dict[str, str]) -> Receiver:
    (found,) = open_receivers(load_receivers(_file(tmp_path, text)), env, clock)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('channel = "slack"\ntoken_env = "S"\nconversation = "C12345"\n', SlackBotChannel),
        ('channel = "webhook"\nurl_env = "URL"\nsecret_env = "KEY"\n', WebhookChannel),
        ('channel = "webhook"\nurl = "http://127.0.0.1:9/x"\n', WebhookChannel),
        ('channel = "webhook"\nurl = "http://inside.example/x"\ncleartext = true\n', WebhookChannel),
        (
            'channel = "alertmanager"\nurl = "https://am.example"\nusername = "u"\npassword_env = "S"\n',
            AlertmanagerChannel,
        ),
    ],
)
def test_the_other_channels_are_opened_and_hold_their_secrets(
    tmp_path: Path, clock: VirtualClock, text: str, kind: type
) -> None:
    env = {"S": "s3cr3t", "URL": "https://h.example/s3cr3t", "KEY": f"whsec_{'czNjcjN0' * 5}"}
    found = _opened(tmp_path, clock, f'[[receiver]]\nid = "x"\n{text}', env)
    assert isinstance(found.channel, kind)
    assert not any(secret in repr(vars(found.channel)) for secret in ("s3cr3t", "czNjcjN0"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('channel = "webhook"\nurl = "http://inside.example/s3cr3t"\n', "must start with https://"),
        ('channel = "webhook"\nurl_env = "URL"\nsecret_env = "S"\n', "openssl rand"),
        ('channel = "apprise"\nurl_env = "S"\n', "apprise cannot use the URL"),
        ('channel = "webhook"\nurl_env = "URL"\nca_file = "/no/such.pem"\n', "is no file"),
    ],
)
def test_what_cannot_be_opened_says_why_and_shows_no_secret(
    tmp_path: Path, clock: VirtualClock, text: str, said: str
) -> None:
    env = {"S": "s3cr3t", "URL": "https://h.example/s3cr3t"}
    with pytest.raises(ConfigurationError, match=said) as caught:
        _opened(tmp_path, clock, f'[[receiver]]\nid = "x"\n{text}', env)
    assert "s3cr3t" not in str(caught.value)
