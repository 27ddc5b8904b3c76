"""The one way in which channels of ours speak HTTP: one POST, with limits, whose failure tells no secret.

Only http and https are spoken, a redirect is never followed (what is sent, and the URL, are for that host alone), the whole
exchange has a time limit, and no more of the answer is read than is kept.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.verdict import Verdict, doubtful_http, of_http, retry_after
from alerts.texts import clip, one_line
from events.clock import Clock

TIMEOUT_SECONDS = 15.0
"""For the whole exchange; shorter than the lease of a receiver."""

MAX_ANSWER_BYTES = 4096
KEPT_CHARS = 200
USER_AGENT = "medpulse-alerts/1"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a POST goes: a URL that may hold a secret, headers that may too, and an authority to trust beside the usual."""

    url: SecretStr
    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    ca_file: str | None = None
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the beginning of the body as harmless text on one line, and ``Retry-After``."""

    status: int
    text: str
    retry_after: float | None

    @property
    def said(self) -> str:
        """For the ledger."""
        return inert(f"{self.status} {self.text}")


def inert(text: str) -> str:
    """What a receiver answered, as it is kept: one line without control characters or direction marks, `KEPT_CHARS` long."""
    return clip(one_line(text), KEPT_CHARS)


def speakable(url: str) -> bool:
    """Whether the URL is one that is spoken to: http or https, with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


@lru_cache(maxsize=64)
def trusted(ca_file: str | None) -> ssl.SSLContext:
    """A context that verifies certificates, always; ``ca_file`` is trusted beside the system's authorities.

    One for the life of the process: reading the authorities costs more than a message.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


async def post(target: Target, body: bytes, headers: Mapping[str, str], clock: Clock) -> Answer:
    """POST it once. Raises `ChannelError` where no answer came; what an answer means is the caller's to say."""
    url = target.url.get_secret_value()
    if not speakable(url):
        raise ChannelError("the URL is not one of http or https", permanent=True)
    secret = {name: value.get_secret_value() for name, value in target.headers.items()}
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=target.timeout_seconds),
                connector=aiohttp.TCPConnector(ssl=trusted(target.ca_file), force_close=True),
                headers={"User-Agent": USER_AGENT, **headers, **secret},
            ) as session,
            session.post(url, data=body, allow_redirects=False) as answer,
        ):
            wait = retry_after(answer.headers.get("Retry-After"), clock.now())
            return Answer(answer.status, await _beginning(answer), wait)
    # `from None`: the texts of these errors may hold the URL, which may be the secret.
    except aiohttp.ClientConnectorCertificateError:
        raise ChannelError("the receiver's certificate cannot be verified", permanent=False) from None
    except aiohttp.InvalidURL:
        raise ChannelError("the URL is not a URL", permanent=True) from None
    except aiohttp.ClientConnectorError:
        # Nothing was sent yet, so nothing can have arrived.
        raise ChannelError("the receiver could not be reached", permanent=False) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        text = f"no answer from the receiver ({type(error).__name__})"
        raise ChannelError(text, permanent=False, uncertain=True) from None


def delivered(answer: Answer, who: str) -> str:
    """What the ledger keeps of an answer that took the message. Raises `ChannelError` for every other."""
    verdict = of_http(answer.status)
    if verdict is Verdict.DELIVERED:
        return answer.said
    raise ChannelError(
        f"{who} answered {answer.said}",
        permanent=verdict is Verdict.GIVE_UP,
        retry_after=answer.retry_after,
        uncertain=doubtful_http(answer.status),
    )


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """The body up to `MAX_ANSWER_BYTES`; the status counts even where the body breaks off or never ends."""
    read = b""
    try:
        while len(read) < MAX_ANSWER_BYTES:
            chunk = await answer.content.read(MAX_ANSWER_BYTES - len(read))
            if not chunk:
                break
            read += chunk
    except (aiohttp.ClientError, TimeoutError, OSError):
        pass
    return inert(read.decode("utf-8", "replace"))
