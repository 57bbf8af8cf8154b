"""What the tests share: a real server on loopback, requests as clients write them, and words that can be compared."""

from __future__ import annotations

import base64
import io
import re
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import uvicorn
from local_endpoint.server import Endpoint, Settings
from local_endpoint.speech import Heard

SYSTEM = "You are an AI assistant for translating and transcribing audio clips."


def wav(seconds: float = 1.0, rate: int = 16_000, channels: int = 1, level: float = 0.0) -> bytes:
    samples = (np.sin(np.arange(int(seconds * rate)) * 440 * 2 * np.pi / rate) * level * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return out.getvalue()


def question(audio: bytes, text: str = "Transcribe the audio clip into text.", container: str = "wav", **more) -> dict:
    """The request of the article that this project began with."""
    data = base64.b64encode(audio).decode()
    return {
        "model": "Phi-4-multimodal-instruct",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": text},
                    {"type": "input_audio", "input_audio": {"data": data, "format": container}},
                ],
            },
        ],
        **more,
    }


class ScriptedListener:
    """Stands where Whisper stands, for what is not about speech. It can be held, so that a queue builds up."""

    name = "scripted"
    is_multilingual = True

    def __init__(self, text: str = "one two three", language: str = "en"):
        self.text = text
        self.language = language
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.heard: list[np.ndarray] = []
        self.fails = False

    def transcribe(self, audio: np.ndarray) -> Heard:
        self.heard.append(audio)
        assert self.may_go_on.wait(60)
        if self.fails:
            raise RuntimeError("the model broke")
        return Heard(self.text, self.language)

    def translate_to_english(self, audio: np.ndarray, language: str) -> Heard:
        return Heard(f"english of {self.text}", language)

    def count(self, text: str) -> int:
        return len(text.split())

    def cut(self, text: str, tokens: int) -> str:
        return " ".join(text.split()[:tokens])


@contextmanager
def serving(listener: ScriptedListener, settings: Settings | None = None, pairs: dict | None = None) -> Iterator[str]:
    """A server in a thread of its own, on a free port of loopback."""
    endpoint = Endpoint(listener, settings or Settings(), pairs or {})
    config = uvicorn.Config(endpoint.app(), host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        listener.may_go_on.set()
        server.should_exit = True
        thread.join(60)
        socket.close()


def words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


def word_error_rate(said: str, heard: str) -> float:
    """Insertions, deletions and substitutions per word that was said."""
    reference, hypothesis = words(said), words(heard)
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(hypothesis, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(reference)
