"""What both ways to Slack share: a logger that says nothing, what an answer means, what a lost connection means."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from alerts.channels.channel import ChannelError
from alerts.channels.http import inert
from alerts.channels.verdict import Verdict, doubtful_http, of_http, of_slack_error

TIMEOUT_SECONDS = 15

# slack-sdk writes the webhook's URL, which is the secret, to its logger at debug level. It gets one that says nothing.
SILENT = logging.getLogger("medpulse.alerts.slack.silent")
SILENT.setLevel(logging.CRITICAL + 1)
SILENT.propagate = False
SILENT.addHandler(logging.NullHandler())


@contextmanager
def judged_failures() -> Iterator[None]:
    """Turn what aiohttp raises into a `ChannelError`. `from None`: the texts of these errors may hold the secret."""
    try:
        yield
    except aiohttp.InvalidURL:
        raise ChannelError("the webhook's URL is not a URL", permanent=True) from None
    except aiohttp.ClientConnectorError:
        # Nothing was sent yet, so nothing can have arrived.
        raise ChannelError("Slack could not be reached", permanent=False) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        text = f"no answer from Slack ({type(error).__name__})"
        raise ChannelError(text, permanent=False, uncertain=True) from None


def refused(status: int, error: str, wait: float | None) -> ChannelError:
    """The error for an answer that did not take the message: ``error`` is Slack's word for it, or a body."""
    verdict = of_http(status)
    if verdict is Verdict.DELIVERED:
        verdict = of_slack_error(error)
    text = f"Slack answered {inert(f'{status} {error}')}"
    return ChannelError(text, permanent=verdict is Verdict.GIVE_UP, retry_after=wait, uncertain=doubtful_http(status))
