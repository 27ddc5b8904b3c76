"""Slack through a bot's token: threads for the updates of one group, and a long list goes on inside the thread.

A message of several parts is remembered part by part, so that a try after one that was refused midway goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from alerts.channels.channel import ChannelError
from alerts.channels.http import inert, trusted
from alerts.channels.memory import Memory, ShortMemory
from alerts.channels.slack.blocks import fallback, parts
from alerts.channels.slack.client import SILENT, TIMEOUT_SECONDS, judged_failures, refused
from alerts.channels.slack.pieces import Block
from alerts.channels.verdict import retry_after
from alerts.message import Message
from events.clock import Clock

SLACK_API = "https://slack.com/api/"
_THREAD_IS_GONE = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot's token (scope ``chat:write``) and the conversation that it writes to, by its id."""

    token: SecretStr
    conversation: str
    api: str = SLACK_API
    timeout_seconds: int = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a message came: the place of its first part in the conversation, and how many parts are there."""

    place: str = ""
    done: int = 0


class _ThreadGone(ChannelError):
    """Somebody deleted the message that the thread hung on: the next try begins one of its own."""


class SlackBotChannel:
    """One conversation. slack-sdk's own retries are off, as the dispatcher has its own."""

    def __init__(self, bot: Bot, clock: Clock, memory: Memory | None = None) -> None:
        self._bot = bot
        self._clock = clock
        self._memory = memory or ShortMemory()
        self._tls = trusted(None)

    async def send(self, message: Message) -> str:
        """Post it, later parts as answers to the first, all in the thread of its group. Raises `ChannelError`."""
        thread = await self._memory.recall(f"thread:{message.thread_key}") if message.thread_key else None
        progress = _read(await self._memory.recall(f"part:{message.key}"))
        said = ""
        for number, blocks in enumerate(parts(message)):
            if number < progress.done:
                continue
            try:
                posted = await self._post(message, blocks, thread or progress.place or None)
            except _ThreadGone:
                await self._memory.remember(f"thread:{message.thread_key}", "")
                raise
            except ChannelError as error:
                # The first parts stand in the conversation already, so a further try may tell them again.
                error.uncertain = error.uncertain or progress.done > 0
                raise
            said = f"200 ok {inert(posted)}"
            progress = _Progress(progress.place or posted, number + 1)
            await self._memory.remember(f"part:{message.key}", f"{progress.place} {progress.done}")
        if message.thread_key and not thread and progress.place:
            await self._memory.remember(f"thread:{message.thread_key}", progress.place)
        return said or f"200 ok {inert(progress.place)}"

    async def _post(self, message: Message, blocks: list[Block], thread: str | None) -> str:
        """One post; its place in the conversation. Raises `ChannelError`."""
        client = AsyncWebClient(
            self._bot.token.get_secret_value(),
            base_url=self._bot.api,
            timeout=self._bot.timeout_seconds,
            ssl=self._tls,
            logger=SILENT,
            retry_handlers=[],
        )
        try:
            with judged_failures():
                answer = await client.chat_postMessage(
                    channel=self._bot.conversation,
                    text=fallback(message),
                    blocks=blocks,
                    thread_ts=thread,
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except SlackApiError as error:
            raise self._judged(error, threaded=thread is not None) from None
        except SlackClientError as error:
            # Not an answer of Slack's (a proxy's page, JSON cut off): nobody knows what came of it.
            text = f"no answer from Slack ({type(error).__name__})"
            raise ChannelError(text, permanent=False, uncertain=True) from None
        return str(answer["ts"])

    def _judged(self, error: SlackApiError, *, threaded: bool) -> ChannelError:
        answer = error.response
        headers: Mapping[str, str] = {k.lower(): v for k, v in dict(answer.headers).items()}
        data = answer.data
        word = str(data.get("error", "")) if isinstance(data, dict) else ""
        if threaded and word in _THREAD_IS_GONE:
            return _ThreadGone("the thread is gone", permanent=False)
        return refused(answer.status_code, word, retry_after(headers.get("retry-after"), self._clock.now()))


def _read(kept: str | None) -> _Progress:
    place, _, done = (kept or "").partition(" ")
    return _Progress(place, int(done)) if done.isdigit() else _Progress()
