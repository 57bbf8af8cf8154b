"""Which stretches are speech: dropscribe-slice's own measure beside WebRTC's and Silero's detectors and a fixed
threshold, on synthetic talk whose every word's time is known."""

import os
from dataclasses import dataclass, field

import numpy as np

import sound
import talks
from bench import QUICK, WORK, median, percentile, say
from detectors import DETECTORS, RATE, silences
from talks import Condition

VOICES = ["flite slt", "flite rms", "flite awb", "espeak en-us"]
WORDS = 12 if QUICK else 40
HOPS = 100  # a second
# A pause that is worth finding, one that hardly any word has inside, and one that is left out, in seconds.
PAUSE, CLEAR_PAUSE, LONG_PAUSE = 0.15, 0.3, 10
# Kept on either side of what is left out.
MARGIN = 0.3
LONG = (12, 25)


def conditions():
    """Of each group its name and conditions, one for each voice."""

    def every(name, **settings):
        return name, [Condition(f"{name} {voice}", (voice,), **settings) for voice in VOICES]

    groups = [every(f"{level} dBFS", level=level, above_noise=40) for level in (-20, -30, -40, -50, -60)]
    for noise in ("white", "pink", "babble", "hum", "music"):
        groups += [every(f"{noise}, {above} dB", noise=noise, above_noise=above) for above in (20, 10, 5, 0)]
    groups.append(every("fast", pace=1.4, pauses=talks.HASTY))
    return groups


def pause_conditions():
    """Talk with long pauses, under which the noise goes on."""

    def every(name, **settings):
        return name, [Condition(f"pauses {name} {voice}", (voice,), long_pauses=LONG, **settings) for voice in VOICES]

    groups = [every("−26 dBFS, noise −71", above_noise=45), every("−60 dBFS, noise −90", level=-60, above_noise=30)]
    for noise in ("white", "pink", "babble", "hum", "music"):
        groups += [every(f"{noise}, {above} dB", noise=noise, above_noise=above) for above in (20, 10, 5, 0)]
    return groups


def wordless():
    """A minute each of what sounds and is no speech."""
    count = 60 * RATE
    generator = np.random.default_rng(1)
    time = np.arange(count) / RATE
    floor = sound.scaled(sound.noise("pink", count, RATE, generator), -75)
    beeps = np.sin(2 * np.pi * 1000 * time) * (time % 2 < 0.3)
    return {
        "music": sound.scaled(sound.music(count, RATE, generator), -26) + floor,
        "a steady tone": sound.scaled(np.sin(2 * np.pi * 440 * time).astype(np.float32), -26) + floor,
        "a beep every 2 s": sound.scaled(beeps.astype(np.float32), -30) + floor,
        "white noise, −45 dBFS": sound.scaled(sound.noise("white", count, RATE, generator), -45),
        "white noise, −30 dBFS": sound.scaled(sound.noise("white", count, RATE, generator), -30),
        "digital silence": np.zeros(count, np.float32),
    }


@dataclass
class Score:
    """Counts, in hops of 10 ms where nothing else is said, of one detector over some recordings."""

    speech: int = 0
    missed: int = 0
    pause: int = 0
    called: int = 0
    onsets: list = field(default_factory=list)
    offsets: list = field(default_factory=list)
    short_pauses: list = field(default_factory=list)
    clear_pauses: list = field(default_factory=list)
    seconds: float = 0

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def covered(spans, count):
    """Of each hop whether its middle lies in one of `spans`."""
    flags = np.zeros(count, bool)
    for begin, end in spans:
        flags[max(0, round(begin * HOPS)) : round(end * HOPS)] = True
    return flags


def gaps(talk):
    """The pauses between words, and before and after them all."""
    begins, ends = [word[1] for word in talk.words], [word[2] for word in talk.words]
    return [(a, b) for a, b in zip([0, *ends], [*begins, len(talk.samples) / talk.rate]) if b - a >= PAUSE]


def score(talk, spans):
    count = len(talk.samples) * HOPS // talk.rate
    heard = covered(spans, count)
    speech = covered([(begin, end) for _, begin, end in talk.words], count)
    pauses = gaps(talk)
    pause = covered(pauses, count)
    result = Score(seconds=count / HOPS)
    result.speech, result.missed = int(speech.sum()), int((speech & ~heard).sum())
    result.pause, result.called = int(pause.sum()), int((pause & heard).sum())
    for begin, end in pauses:
        # A cut needs 30 ms.
        found = int((~heard[round(begin * HOPS) : round(end * HOPS)]).sum()) >= 3
        (result.clear_pauses if end - begin >= CLEAR_PAUSE else result.short_pauses).append(found)
    clear = [(begin, end) for begin, end in pauses if end - begin >= CLEAR_PAUSE]
    result.onsets = errors([end for _, end in clear[:-1]], [begin for begin, _ in spans])
    result.offsets = errors([begin for begin, _ in clear[1:]], [end for _, end in spans])
    return result


def errors(times, found):
    """How far the nearest of `found` is from each of `times`; half a second where none is as near as that."""
    found = np.array(found or [np.inf])
    return [min(0.5, float(np.abs(found - time).min())) for time in times]


def left_out(spans, length):
    """The stretches that would not be sent if what is not in `spans` were left out."""
    edges = [0, *(edge for span in spans for edge in span), length]
    return [
        (begin + (MARGIN if begin else 0), end - (MARGIN if end < length else 0))
        for begin, end in zip(edges[::2], edges[1::2])
        if end - begin > LONG_PAUSE
    ]


def prepare(condition, name):
    talk = talks.talk(condition, WORDS, 2)
    return talk, save(name, talk.samples, talk.rate)


def save(name, samples, rate):
    """As a 16 kHz file, which is what the rivals take."""
    path = WORK / f"{name.replace(' ', '-').replace(',', '')}.wav"
    if rate != RATE:
        count = round(len(samples) * RATE / rate)
        samples = resampled(samples, rate, count)
    sound.write(path, samples, RATE)
    return path


def resampled(samples, rate, count):
    """By the spectrum: exact for what is below both halves of the rates."""
    spectrum = np.fft.rfft(samples)
    wanted = count // 2 + 1
    spectrum = spectrum[:wanted] if len(spectrum) >= wanted else np.pad(spectrum, (0, wanted - len(spectrum)))
    return (np.fft.irfft(spectrum, count) * count / len(samples)).astype(np.float32)


def main():
    names = list(DETECTORS)
    totals = {name: Score() for name in names}
    rows = []
    for group, members in conditions():
        scores = {name: Score() for name in names}
        for condition in members:
            talk, path = prepare(condition, condition.name)
            for name, detector in DETECTORS.items():
                one = score(talk, detector(path))
                scores[name].add(one)
                totals[name].add(one)
            path.unlink()
        rows.append((group, scores))
    head = "| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names)
    minutes = totals["ours"].seconds / 60
    say(f"## Which voice detector: {minutes:.0f} minutes of talk, {len(rows)} conditions, {len(VOICES)} voices")
    say()
    say("Per cent of the time of words that was not called speech / of the time of pauses that was.")
    say()
    say(head)
    for group, scores in [*rows, ("all", totals)]:
        cells = [f"{100 * one.missed / one.speech:.1f} / {100 * one.called / one.pause:.0f}" for one in scores.values()]
        say(f"| {group} | " + " | ".join(cells) + " |")
    say()
    times = processor_times()
    say("Over all of these: the error of a phrase's beginning and end where the pause is 0.3 s or more, milliseconds,")
    say("median (90th percentile); pauses in which 30 ms and more are called pause; processor time for an hour of")
    say("16 kHz, which for ours is that of the whole slicer.")
    say()
    say("| | beginning | end | pauses of 150 to 300 ms | of 300 ms and more | seconds an hour |")
    say("|---|---|---|---|---|---|")
    for name, one in totals.items():
        cells = [f"{1000 * median(v):.0f} ({1000 * percentile(v, 0.9):.0f})" for v in (one.onsets, one.offsets)]
        cells += [f"{100 * sum(v) / len(v):.0f} %" for v in (one.short_pauses, one.clear_pauses)]
        say(f"| {name} | " + " | ".join(cells) + f" | {times[name]:.1f} |")
    say()
    skips(names)


def processor_times():
    """Of each detector the seconds of processor time for an hour, its children's with it."""
    minute = talks.talk(Condition("hour", ("flite slt",), above_noise=20), WORDS, 2)
    count = 3600 * RATE // (10 if QUICK else 1)
    path = save("hour", np.resize(minute.samples, count), RATE)
    times = {}
    for name, detector in DETECTORS.items():
        before = os.times()
        detector(path)
        times[name] = sum(os.times()[:4]) - sum(before[:4])
    path.unlink()
    return {name: time * 3600 * RATE / count for name, time in times.items()}


def skips(names):
    say("Stretches of more than 10 s left out: words touched, of those said / per cent of the time of the pauses of")
    say("10 s and more that is left out. `skip = \"silence\"` is what dropscribe does by default; the others leave out")
    say("what each detector does not call speech.")
    say()
    say("| | skip = \"silence\" | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    for group, members in pause_conditions():
        words, pause = 0, 0
        lost, gone = {name: 0 for name in ["", *names]}, {name: 0 for name in ["", *names]}
        for condition in members:
            talk, path = prepare(condition, condition.name)
            count = len(talk.samples) * HOPS // talk.rate
            long = covered([(a, b) for a, b in gaps(talk) if b - a >= LONG_PAUSE], count)
            words, pause = words + len(talk.words), pause + int(long.sum())
            length = len(talk.samples) / talk.rate
            ranges = {"": silences(path)} | {n: left_out(d(path), length) for n, d in DETECTORS.items()}
            for name, quiet in ranges.items():
                flags = covered(quiet, count)
                gone[name] += int((flags & long).sum())
                lost[name] += sum(any(a < end and begin < b for a, b in quiet) for _, begin, end in talk.words)
            path.unlink()
        cells = [f"{lost[name]} of {words} / {100 * gone[name] / pause:.0f}" for name in lost]
        say(f"| {group} | " + " | ".join(cells) + " |")
    say()
    say("A minute of what is no speech: per cent that is left out.")
    say()
    say("| | skip = \"silence\" | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    for name, samples in wordless().items():
        path = save(name, samples, RATE)
        ranges = [silences(path)] + [left_out(detector(path), 60) for detector in DETECTORS.values()]
        say(f"| {name} | " + " | ".join(f"{100 * sum(b - a for a, b in quiet) / 60:.0f}" for quiet in ranges) + " |")
        path.unlink()
    say()


if __name__ == "__main__":
    main()
