"""Whisper through faster-whisper: samples to text."""

from __future__ import annotations

import os
from dataclasses import dataclass

# Must stand before ctranslate2 is imported: its OpenMP threads otherwise spin while they wait, and on a machine
# whose cores are busy that makes it ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import ctranslate2  # noqa: E402
import numpy as np  # noqa: E402
from faster_whisper import WhisperModel  # noqa: E402
from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: E402

from .audio import SAMPLE_RATE  # noqa: E402

# Below this Whisper invents "Thank you." whatever was said.
SHORTEST_SECONDS = 0.4
# One short word needs silence around it, or its first sound gets lost. Longer clips must not be padded: 30 s
# and a bit would need a second window.
PAD_BEFORE_SECONDS = 0.3
PAD_AFTER_SECONDS = 0.5
PAD_BELOW_SECONDS = 10

# A pause costs nothing here, a word that is taken for one is lost: so the threshold is below the usual 0.5.
_VAD = VadOptions(threshold=0.35, min_silence_duration_ms=2000, speech_pad_ms=400)


@dataclass(frozen=True)
class Heard:
    """What was said, and in which language (ISO 639-1; empty where there was no speech)."""

    text: str
    language: str


class Recogniser:
    """One model in memory. Its methods block; several threads may call them, as many as ``workers`` run at a time."""

    def __init__(self, path_or_hub_name: str, *, name: str, threads: int, workers: int = 1, beam: int = 5):
        self.name = name
        self._beam = beam
        self._whisper = WhisperModel(
            path_or_hub_name,
            device="cpu",
            compute_type="int8",
            cpu_threads=max(1, threads // workers),
            num_workers=workers,
        )

    @property
    def is_multilingual(self) -> bool:
        return self._whisper.model.is_multilingual

    def transcribe(self, audio: np.ndarray) -> Heard:
        """The words in the language in which they were said."""
        speech = self._speech(audio)
        if speech is None:
            return Heard("", "")
        return self._run(speech, "transcribe", None)

    def translate_to_english(self, audio: np.ndarray, language: str) -> Heard:
        """The words in English, by Whisper itself."""
        speech = self._speech(audio)
        if speech is None:
            return Heard("", "")
        return self._run(speech, "translate", language)

    def count(self, text: str) -> int:
        """The text's tokens, by Whisper's own tokenizer, special tokens aside."""
        return len(self._tokens(text))

    def cut(self, text: str, tokens: int) -> str:
        """The text's beginning, so many tokens long."""
        return self._whisper.hf_tokenizer.decode(self._tokens(text)[:tokens])

    def _tokens(self, text: str) -> list[int]:
        return self._whisper.hf_tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def _speech(self, audio: np.ndarray) -> np.ndarray | None:
        """The stretches with speech, joined; None where there is none."""
        seconds = len(audio) / SAMPLE_RATE
        if seconds < SHORTEST_SECONDS:
            return None
        if seconds < PAD_BELOW_SECONDS:
            audio = np.pad(audio, (int(PAD_BEFORE_SECONDS * SAMPLE_RATE), int(PAD_AFTER_SECONDS * SAMPLE_RATE)))
        spans = get_speech_timestamps(audio, _VAD)
        if not spans:
            return None
        return np.concatenate([audio[span["start"] : span["end"]] for span in spans])

    def _run(self, speech: np.ndarray, task: str, language: str | None) -> Heard:
        # The fallback temperatures sample; with a seed the same clip gives the same text again.
        ctranslate2.set_random_seed(1)
        segments, info = self._whisper.transcribe(
            speech,
            task=task,
            language=language,
            beam_size=self._beam,
            # A window that went wrong must not pull the next one along.
            condition_on_previous_text=False,
        )
        text = "".join(segment.text for segment in segments)
        return Heard(" ".join(text.split()), info.language)
