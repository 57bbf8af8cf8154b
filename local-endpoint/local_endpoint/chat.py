"""The request body of chat completions, as far as it matters here, and the reply's."""

from __future__ import annotations

import base64
import binascii
import json
import math
import time
import uuid
from dataclasses import dataclass
from typing import Any

from .errors import EndpointError, invalid

# Phi-4-multimodal counts 12.5 audio tokens a second; the same rule here keeps sums of both comparable.
AUDIO_TOKENS_PER_SECOND = 12.5

_MEDIA_TYPES = {
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/x-mp3": "mp3",
}  # fmt: skip


@dataclass(frozen=True)
class ChatRequest:
    """One clip with the words that go with it."""

    audio: bytes
    format: str
    """``wav`` or ``mp3``."""
    instruction: str
    """The text of the message that holds the audio: it alone decides what is done."""
    all_text: str
    """Every text of the request, for counting."""
    max_tokens: int | None


def parse(body: bytes) -> ChatRequest:
    """Reads a body strictly enough that a client's mistake is named, and leniently about what has no meaning here."""
    try:
        root = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("the body is not JSON.", "invalid_json") from None
    if not isinstance(root, dict):
        raise invalid("the body is not a JSON object.", "invalid_json")
    if root.get("stream"):
        raise invalid("this endpoint does not stream. Leave 'stream' out.", "unsupported_parameter", "stream")
    if root.get("n", 1) not in (1, None):
        raise invalid("this endpoint gives one answer. Leave 'n' out.", "unsupported_parameter", "n")
    messages = root.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid("'messages' is missing or empty.", "invalid_messages", "messages")

    texts: list[str] = []
    clips: list[tuple[bytes, str]] = []
    instruction: list[str] = []
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if not isinstance(message, dict):
            raise invalid(f"'{where}' is not an object.", "invalid_messages", where)
        said, heard = _parts(message.get("content"), f"{where}.content")
        texts += said
        if heard and message.get("role") != "user":
            raise invalid(f"'{where}' has audio but is no user message.", "invalid_messages", f"{where}.role")
        if heard:
            clips += heard
            instruction = said
    if not clips:
        raise invalid(
            "no message has audio. This endpoint answers requests with an 'input_audio' or 'audio_url' part.",
            "audio_missing",
            "messages",
        )
    if len(clips) > 1:
        raise invalid("at most 1 audio part may be sent in a request.", "too_many_audio_parts", "messages")
    if not any(text.strip() for text in instruction):
        raise invalid("the message with the audio has no text. Say what shall be done.", "text_missing", "messages")
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        # JSON can write half of a surrogate pair, and no tokenizer takes one.
        raise invalid("a text is no valid Unicode.", "invalid_text", "messages") from None
    audio, container = clips[0]
    return ChatRequest(audio, container, "\n".join(instruction), "\n".join(texts), _max_tokens(root))


def _parts(content: Any, where: str) -> tuple[list[str], list[tuple[bytes, str]]]:
    if content is None:
        return [], []
    if isinstance(content, str):
        return [content], []
    if not isinstance(content, list):
        raise invalid(f"'{where}' is neither text nor a list of parts.", "invalid_messages", where)
    texts: list[str] = []
    clips: list[tuple[bytes, str]] = []
    for index, part in enumerate(content):
        here = f"{where}[{index}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "input_audio":
            clips.append(_input_audio(part.get("input_audio"), f"{here}.input_audio"))
        elif kind == "audio_url":
            clips.append(_audio_url(part.get("audio_url"), f"{here}.audio_url"))
        else:
            raise invalid(
                f"'{here}' is no part that this endpoint knows. It takes 'text', 'input_audio' and 'audio_url'.",
                "unsupported_part",
                here,
            )
    return texts, clips


def _input_audio(value: Any, where: str) -> tuple[bytes, str]:
    if not isinstance(value, dict) or not isinstance(value.get("data"), str):
        raise invalid(f"'{where}' needs 'data', a base64 string, and 'format'.", "invalid_audio", where)
    container = value.get("format")
    if container not in ("wav", "mp3"):
        raise invalid(f"'{where}.format' must be 'wav' or 'mp3'.", "invalid_audio_format", f"{where}.format")
    return _decode(value["data"], f"{where}.data"), container


def _audio_url(value: Any, where: str) -> tuple[bytes, str]:
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        raise invalid(f"'{where}.url' is missing.", "invalid_audio", where)
    head, comma, data = url.partition(",")
    if not head.startswith("data:") or not comma:
        raise invalid(
            f"'{where}.url' must be a data URL: this endpoint fetches nothing.", "invalid_audio_url", f"{where}.url"
        )
    media, *parameters = head.removeprefix("data:").lower().split(";")
    if "base64" not in parameters or media not in _MEDIA_TYPES:
        raise invalid(
            f"'{where}.url' must begin with 'data:audio/wav;base64,' or 'data:audio/mpeg;base64,'.",
            "invalid_audio_url",
            f"{where}.url",
        )
    return _decode(data, f"{where}.url"), _MEDIA_TYPES[media]


def _decode(text: str, where: str) -> bytes:
    try:
        audio = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"'{where}' is not base64 without line breaks.", "invalid_base64", where) from None
    if not audio:
        raise invalid(f"'{where}' is empty.", "invalid_audio", where)
    return audio


def _max_tokens(root: dict) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = root.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise EndpointError(422, f"'{name}' must be a whole number above 0.", "invalid_parameter", name)
        return value
    return None


def audio_tokens(seconds: float) -> int:
    """12.5 a second, rounded up; the silence that a client padded with counts, as it does for the paid models."""
    # Rounded first, so that 2.4 s is 30 and not 31 for a bit in the last place.
    return math.ceil(round(seconds * AUDIO_TOKENS_PER_SECOND, 6))


@dataclass(frozen=True)
class Usage:
    text_tokens: int
    audio_tokens: int
    completion_tokens: int

    @property
    def prompt_tokens(self) -> int:
        return self.text_tokens + self.audio_tokens

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def body(self) -> dict:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
            "prompt_tokens_details": {"audio_tokens": self.audio_tokens, "text_tokens": self.text_tokens},
        }


def reply_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


def reply(identifier: str, model: str, text: str, finish_reason: str, usage: Usage) -> dict:
    """The body of a 200."""
    return {
        "id": identifier,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish_reason,
            }
        ],
        "usage": usage.body(),
    }
