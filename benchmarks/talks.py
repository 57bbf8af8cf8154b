"""Recordings whose words and their times are known: synthetic talk under many conditions."""

import random
from dataclasses import dataclass

import numpy as np

import sound
from sentences import sentences
from voices import speak

# Between two sentences, in seconds: least and most.
USUAL, HASTY, BREATHLESS = (0.35, 1.1), (0.1, 0.35), (0.0, 0.08)


@dataclass(frozen=True)
class Condition:
    name: str
    voices: tuple
    pace: float = 1
    pauses: tuple = USUAL
    # Seconds of the pauses that come, spread evenly, in place of some others.
    long_pauses: tuple = ()
    noise: str = "pink"
    # Decibels of the speech, while it lasts, above the noise.
    above_noise: float = 45
    level: float = sound.USUAL_LEVEL


CONDITIONS = [
    Condition("slt", ("flite slt",)),
    Condition("rms", ("flite rms",)),
    Condition("awb", ("flite awb",)),
    Condition("kal16", ("flite kal16",)),
    Condition("espeak-us", ("espeak en-us",)),
    Condition("espeak-gb", ("espeak en-gb",)),
    Condition("slt-fast", ("flite slt",), pace=1.35, pauses=HASTY),
    Condition("rms-fast", ("flite rms",), pace=1.4, pauses=HASTY),
    Condition("awb-fast", ("flite awb",), pace=1.25, pauses=HASTY),
    Condition("espeak-fast", ("espeak en-us",), pace=1.3, pauses=HASTY),
    Condition("slt-breathless", ("flite slt",), pace=1.2, pauses=BREATHLESS),
    Condition("rms-breathless", ("flite rms",), pace=1.4, pauses=BREATHLESS),
    Condition("slt-pink", ("flite slt",), noise="pink", above_noise=15),
    Condition("rms-babble", ("flite rms",), noise="babble", above_noise=15),
    Condition("espeak-white", ("espeak en-us",), noise="white", above_noise=15),
    Condition("awb-hum", ("flite awb",), noise="hum", above_noise=10),
    Condition("rms-quiet", ("flite rms",), pace=1.2, above_noise=30, level=-60),
    Condition("slt-quiet", ("flite slt",), pace=1.2, above_noise=25, level=-60),
    Condition("slt-long-pauses", ("flite slt",), long_pauses=(11, 45, 14, 20, 30), above_noise=30),
    Condition(
        "two-long-pauses",
        ("flite rms", "flite slt"),
        pace=1.15,
        long_pauses=(12, 60, 25, 16),
        noise="white",
        above_noise=20,
    ),
]


@dataclass(frozen=True)
class Talk:
    """Mono samples; of each word its beginning and end in seconds, in order; whether these are exact."""

    name: str
    samples: np.ndarray
    rate: int
    words: list
    is_exact: bool = True


def talk(condition, words, seed):
    """A recording under a condition: the same words, pauses and noise for the same arguments. espeak-ng's hiss goes on
    from what it said before, so that its talks are the same only in the same order."""
    dice = random.Random(f"{condition.name} {seed}")
    generator = np.random.default_rng(dice.getrandbits(64))
    voice = _voice(condition, words, dice)
    count = len(voice.samples)
    if condition.noise == "babble":
        others = [
            _voice(Condition("other", (name,), pauses=HASTY), words, dice).samples
            for name in ["flite awb", "flite slt", "flite kal16", "flite rms", "flite slt", "flite awb"]
        ]
        length = min(count, *(len(other) for other in others))
        noise = sum(np.roll(np.resize(other[:length], count), generator.integers(count)) for other in others)
    else:
        noise = sound.noise(condition.noise, count, voice.rate, generator)
    samples = voice.samples + sound.scaled(noise, sound.USUAL_LEVEL - condition.above_noise)
    samples = samples * np.float32(10 ** ((condition.level - sound.USUAL_LEVEL) / 20))
    return Talk(condition.name, samples, voice.rate, voice.words)


def _voice(condition, words, dice):
    """The words alone, in silence; the usual level is that of their own time, without the pauses'."""
    texts = sentences(dice, words)
    every = len(texts) // (len(condition.long_pauses) + 1)
    long_pauses = {every * (index + 1): pause for index, pause in enumerate(condition.long_pauses)}
    parts, spoken_words, at = [], [], 0.0
    for index, text in enumerate(texts):
        spoken = speak(condition.voices[index % len(condition.voices)], text, condition.pace)
        rate = spoken.rate
        pause = long_pauses.get(index, dice.uniform(*condition.pauses)) if index else 0.5
        first = max(0, round((spoken.words[0][1] - 0.02) * rate))
        last = round((spoken.words[-1][2] + 0.03) * rate)
        piece = sound.scaled(spoken.samples[first:last], sound.USUAL_LEVEL)
        parts += [np.zeros(round(pause * rate), np.float32), piece]
        offset = at + (len(parts[-2]) - first) / rate
        spoken_words += [(word, offset + begin, offset + end) for word, begin, end in spoken.words]
        at += (len(parts[-2]) + len(piece)) / rate
    parts.append(np.zeros(rate // 2, np.float32))
    return Talk(condition.name, np.concatenate(parts), rate, spoken_words)
