"""Any URL of apprise: Feishu, DingTalk, WeCom, Telegram, Teams, PagerDuty and the other services that it knows.

Its calls block, so each runs in a thread of its own, with a time limit. Its URLs hold the secrets, so its own logging is
silenced, and of what it reports only the status is read: apprise tells no more than whether a service took the message.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from alerts.channels.apprise.words import body, title
from alerts.channels.channel import ChannelError
from alerts.channels.verdict import Verdict, doubtful_http, of_http
from alerts.message import Message
from events.base import Severity

if TYPE_CHECKING:
    from apprise import Apprise, AppriseResult

T = TypeVar("T")
TIMEOUT_SECONDS = 20.0
_ON_THIS_MACHINE = frozenset({"blink1", "dbus", "deltachat", "glib", "gnome", "macosx", "syslog", "windows"})
"""Plugins that speak to this machine and to no service."""

_TALKATIVE = ("apprise", "urllib3")
"""Loggers that write URLs, and with them tokens: apprise's own, and that of the library below it, which no room uses else."""

_NOWHERE = logging.NullHandler()
_LOUDNESS = {
    Severity.INFO: "info",
    Severity.NOTICE: "info",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "failure",
}


class BadUrl(ValueError):
    """A URL that apprise cannot use, or that we do not. The text does not show it."""


class AppriseChannel:
    """One service. Raises `BadUrl`."""

    def __init__(self, url: SecretStr, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._apprise, self.service = _opened(url)
        self._timeout = timeout_seconds

    async def send(self, message: Message) -> str:
        """Send it once. Raises `ChannelError`."""
        kind = "success" if message.resolved else _LOUDNESS[message.severity]
        said, words = title(message), body(message)
        try:
            result = await in_thread(lambda: self._notify(said, words, kind), self._timeout + 2)
        except TimeoutError:
            text = f"{self.service} did not answer in {self._timeout:.0f} s"
            raise ChannelError(text, permanent=False, uncertain=True) from None
        if result:
            return f"{self.service} took it"
        raise _refused(self.service, result)

    def _notify(self, said: str, words: str, kind: str) -> AppriseResult:
        return self._apprise.notify(title=said, body=words, notify_type=kind, body_format="text", timeout=self._timeout)


async def in_thread(call: Callable[[], T], seconds: float) -> T:
    """What the call returns or raises, from a thread that keeps no process alive. Raises TimeoutError; the thread goes on."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 handed on to the caller
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=run, name="apprise", daemon=True).start()
    return await asyncio.wait_for(done, seconds)


def _opened(url: SecretStr) -> tuple[Apprise, str]:
    """Apprise with this one service, and the service's name."""
    from apprise import Apprise  # noqa: PLC0415 a hundred plugins: only who uses one waits for them

    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(_NOWHERE)
    opened = Apprise()
    with warnings.catch_warnings():
        # Some of its plugins import what a later Python has no more; ours is not one of those Pythons.
        warnings.simplefilter("ignore", DeprecationWarning)
        added = opened.add(url.get_secret_value())
    if not added or len(opened) != 1:
        raise BadUrl("apprise cannot use the URL: see its documentation for the service's form")
    plugin = opened[0]
    if type(plugin).__module__.rpartition(".")[2] in _ON_THIS_MACHINE:
        raise BadUrl(f"{plugin.service_name} is no service on the network; use the channel `console`")
    if not plugin.verify_certificate:
        raise BadUrl("the URL turns the verification of certificates off; leave `verify` out")
    return opened, str(plugin.service_name)


def _refused(service: str, result: AppriseResult) -> ChannelError:
    """What went wrong, by the only trace that apprise leaves of it: the status in its own log lines."""
    lines = [entry.message for entry in result.logs()]
    found = [int(code) for line in lines for code in re.findall(r"\berror=(\d{3})\b", line)]
    if found:
        status = found[-1]
        gone = of_http(status) is Verdict.GIVE_UP
        return ChannelError(f"{service} answered {status}", permanent=gone, uncertain=doubtful_http(status))
    if any("onnection error" in line for line in lines):
        return ChannelError(f"no answer from {service}", permanent=False, uncertain=True)
    if result.status.name == "TIMEOUT":
        return ChannelError(f"{service} did not answer in time", permanent=False, uncertain=True)
    # A 200 whose body refuses: a wrong key, or too many messages. Tried again until the receiver's time is up.
    return ChannelError(f"{service} did not take it", permanent=False)
