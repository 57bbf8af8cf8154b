"""The routes: from a request to a reply, one line in the log for each."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import __version__, audio, chat, translation
from .errors import EndpointError
from .instruction import Wish, read_wish
from .slots import Slots
from .speech import Heard

log = logging.getLogger("local_endpoint")

SEPARATOR = " <sep> "


class Listener(Protocol):
    """What the routes need of a recogniser."""

    name: str
    is_multilingual: bool

    def transcribe(self, audio: np.ndarray) -> Heard: ...
    def translate_to_english(self, audio: np.ndarray, language: str) -> Heard: ...
    def count(self, text: str) -> int: ...
    def cut(self, text: str, tokens: int) -> str: ...


@dataclass(frozen=True)
class Settings:
    key: str | None = None
    workers: int = 1
    queue: int = 16
    max_bytes: int = 25_000_000
    max_seconds: float = 600
    usage_log: Path | None = None


@dataclass(frozen=True)
class _Work:
    """What one request came to."""

    model: str
    text: str
    finish_reason: str
    usage: chat.Usage
    seconds: float


class Endpoint:
    """One recogniser behind HTTP. ``pairs`` has the languages that Apertium knows, code to pair."""

    def __init__(self, recogniser: Listener, settings: Settings, pairs: Mapping[str, str]):
        self._recogniser = recogniser
        self._settings = settings
        self._pairs = dict(pairs)
        self._slots = Slots(settings.workers, settings.queue)
        self._threads = ThreadPoolExecutor(settings.workers, thread_name_prefix="whisper")
        self.languages = {code: f"roughly, by Apertium {pair}" for code, pair in pairs.items()}
        if recogniser.is_multilingual:
            self.languages["en"] = f"by {recogniser.name}"

    def app(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(_: Starlette):
            try:
                yield
            finally:
                self._threads.shutdown(wait=True, cancel_futures=True)

        chats = [
            Route(path, self._chat, methods=["POST"])
            for path in ("/v1/chat/completions", "/models/chat/completions", "/chat/completions")
        ]
        return Starlette(
            routes=[*chats, Route("/health", self._health), Route("/v1/models", self._models)],
            lifespan=lifespan,
            exception_handlers={HTTPException: _no_such_route, Exception: _unexpected},
        )

    async def _health(self, _: Request) -> Response:
        return JSONResponse(
            {
                "status": "ok",
                "service": "dropscribe-local-endpoint",
                "version": __version__,
                "model": self._recogniser.name,
                "translates_to": self.languages,
                "requests": self._slots.inside,
            }
        )

    async def _models(self, request: Request) -> Response:
        try:
            self._authorise(request)
        except EndpointError as error:
            return _answer(error)
        model = {"id": self._recogniser.name, "object": "model", "created": 0, "owned_by": "local"}
        return JSONResponse({"object": "list", "data": [model]})

    async def _chat(self, request: Request) -> Response:
        identifier = chat.reply_id()
        started = time.monotonic()
        try:
            self._authorise(request)
            body = await self._body(request)
            async with self._slots.taken():
                # Whoever hung up while waiting costs nothing more.
                if await request.is_disconnected():
                    raise ClientDisconnect
                waited = time.monotonic() - started
                loop = asyncio.get_running_loop()
                work = await loop.run_in_executor(self._threads, self._work, body)
        except ClientDisconnect:
            log.info("%s status=499 the client hung up", identifier)
            return Response(status_code=499)
        except EndpointError as error:
            log.info("%s status=%d code=%s ms=%d", identifier, error.status, error.code, _ms(started))
            return _answer(error)
        except Exception as error:
            # The traceback holds code, never payload: exceptions of what runs below carry no audio and no text.
            log.exception("%s status=500 ms=%d", identifier, _ms(started))
            return _answer(_internal(error))
        usage = work.usage
        log.info(
            "%s status=200 model=%s audio_seconds=%.2f prompt_tokens=%d completion_tokens=%d waited_ms=%d ms=%d",
            identifier,
            work.model,
            work.seconds,
            usage.prompt_tokens,
            usage.completion_tokens,
            waited * 1000,
            _ms(started),
        )
        self._write_usage(identifier, work)
        return JSONResponse(chat.reply(identifier, work.model, work.text, work.finish_reason, usage))

    def _authorise(self, request: Request) -> None:
        key = self._settings.key
        if key is None:
            return
        bearer = request.headers.get("authorization", "")
        offered = [request.headers.get("api-key", "")]
        if bearer.lower().startswith("bearer "):
            offered.append(bearer[7:].strip())
        if not any(hmac.compare_digest(value.encode(), key.encode()) for value in offered):
            raise EndpointError(
                401, "the key is missing or wrong. Send it as 'api-key' or 'Authorization: Bearer'.", "invalid_api_key"
            )

    async def _body(self, request: Request) -> bytes:
        most = self._settings.max_bytes
        too_large = EndpointError(413, f"the body is larger than {most} bytes. Send shorter clips.", "body_too_large")
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > most:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise too_large
        return bytes(body)

    def _work(self, body: bytes) -> _Work:
        """On a worker's thread: everything that takes the processor."""
        question = chat.parse(body)
        wish = read_wish(question.instruction, self.languages)
        samples = audio.decode(question.audio, question.format, self._settings.max_seconds)
        seconds = len(samples) / audio.SAMPLE_RATE
        text, model = self._listen(samples, wish)
        finish_reason = "stop"
        tokens = self._recogniser.count(text)
        if question.max_tokens is not None and tokens > question.max_tokens:
            text, tokens = self._recogniser.cut(text, question.max_tokens), question.max_tokens
            finish_reason = "length"
        usage = chat.Usage(self._recogniser.count(question.all_text), chat.audio_tokens(seconds), tokens)
        return _Work(model, text, finish_reason, usage, seconds)

    def _listen(self, samples: np.ndarray, wish: Wish) -> tuple[str, str]:
        """The reply's text, and who made it."""
        recogniser = self._recogniser
        heard = recogniser.transcribe(samples)
        if wish.language is None or not heard.text:
            return heard.text, recogniser.name
        target, model = heard.text, recogniser.name
        if heard.language != wish.language:
            # Apertium knows English alone, so what is neither goes through Whisper's own English first.
            if heard.language != "en":
                target = recogniser.translate_to_english(samples, heard.language).text
            if wish.language != "en":
                pair = self._pairs[wish.language]
                target = translation.translate(target, pair)
                model = f"{recogniser.name}+apertium-{pair}"
        return (f"{heard.text}{SEPARATOR}{target}" if wish.with_original else target), model

    def _write_usage(self, identifier: str, work: _Work) -> None:
        if self._settings.usage_log is None:
            return
        line = {
            "id": identifier,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "model": work.model,
            "audio_seconds": round(work.seconds, 3),
            "finish_reason": work.finish_reason,
            **work.usage.body(),
        }
        try:
            with open(self._settings.usage_log, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            # The answer is worth more than its line.
            log.warning("%s: the usage log cannot be written: %s", identifier, error.strerror)


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _answer(error: EndpointError) -> Response:
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers)


def _internal(error: Exception) -> EndpointError:
    return EndpointError(500, f"the endpoint failed ({type(error).__name__}); its log says more.", "internal_error")


async def _no_such_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        message = "there is no such route. POST to /v1/chat/completions or /models/chat/completions."
        return _answer(EndpointError(404, message, "not_found"))
    if error.status_code == 405:
        return _answer(EndpointError(405, "this route takes another method.", "method_not_allowed"))
    return _answer(EndpointError(error.status_code, str(error.detail), "http_error"))


async def _unexpected(_: Request, error: Exception) -> Response:
    return _answer(_internal(error))
