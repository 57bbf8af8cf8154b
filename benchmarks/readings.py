"""Real speech whose words are known: the readings that come with the Python package moonshine-voice. When each word
was said is as Whisper tells it, right within a tenth of a second or two."""

import os
import pathlib
import subprocess
import sys
from dataclasses import replace

import numpy as np

import sound
from bench import HERE, WORK
from talks import Talk
from words import Hearing, words

# The opening of A Tale of Two Cities, Charles Dickens, 1859; a sentence of Worstward Ho, Samuel Beckett, 1983.
TEXTS = {
    "two_cities": """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing
before us, we were all going direct to Heaven, we were all going direct the other way – in short, the period was so
far like the present period, that some of its noisiest authorities insisted on its being received, for good or for
evil, in the superlative degree of comparison only.""",
    "beckett": "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
}


def readings():
    """Each as it is; the longer one also faster, in noise, and quiet."""
    plain = {name: _reading(name, text) for name, text in TEXTS.items()}
    long = plain["two_cities"]
    generator = np.random.default_rng(1)
    pink = sound.noise("pink", len(long.samples), long.rate, generator)
    level = sound.decibels(sound.mean_square(long.samples))
    pace = 1.35
    faster = WORK / "faster.wav"
    subprocess.run(["sox", _path("two_cities"), faster, "remix", "-", "tempo", "-s", str(pace)], check=True)
    return [
        *plain.values(),
        Talk("two_cities-fast", *sound.read(faster), [(word, a / pace, b / pace) for word, a, b in long.words], False),
        replace(long, name="two_cities-pink", samples=long.samples + sound.scaled(pink, level - 15)),
        replace(long, name="two_cities-quiet", samples=sound.scaled(long.samples, -60)),
    ]


def _path(name):
    return pathlib.Path(os.environ["DROPSCRIBE_SPEECH"]) / f"{name}.wav"


def _reading(name, text):
    samples, rate = sound.read(_path(name))
    said = words(text)
    heard = _heard(_path(name))
    pairs = Hearing(said, [word for word, _, _ in heard]).pairs
    # A word that Whisper did not hear lies between those that it did.
    places = np.array([i for i, _ in pairs])
    begins, ends = (np.array([heard[j][part] for _, j in pairs]) for part in (1, 2))
    every = np.arange(len(said))
    times = zip(np.interp(every, places, begins), np.interp(every, places, ends))
    return Talk(name, samples, rate, [(word, *pair) for word, pair in zip(said, times)], False)


def _heard(path):
    """Words with their times, by the offline endpoint's model."""
    sys.path.insert(0, str(HERE.parent / "local-endpoint"))
    from faster_whisper import WhisperModel
    from local_endpoint.weights import default_cache, locate

    model = WhisperModel(locate("base", default_cache())[0], device="cpu", compute_type="int8")
    segments, _ = model.transcribe(str(path), word_timestamps=True, condition_on_previous_text=False)
    found = []
    for segment in segments:
        for word in segment.words:
            found += [(part, word.start, word.end) for part in words(word.word)]
    return found
