"""Voice detectors, ours and its rivals: from a 16 kHz mono WAV file to the stretches of speech, in seconds."""

import json
import subprocess

import numpy as np
import webrtcvad
from faster_whisper.vad import get_vad_model

import sound
from bench import PROGRAMS

RATE = 16_000
# Ours calls speech one stretch where it pauses for less, and so it is done with every other's.
BRIDGED = 0.15


def ours(path):
    """dropscribe-slice, with one clip of the whole recording."""
    command = [PROGRAMS / "dropscribe-slice", path, "--max-seconds=3600", "--skip-silence-seconds=none"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [tuple(span) for clip in listed["clips"] for span in clip["speech"]]


def silences(path):
    """What dropscribe-slice leaves out by default."""
    command = [PROGRAMS / "dropscribe-slice", path]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [(silence["start"], silence["end"]) for silence in listed["silences"]]


def fixed(path, level=-45):
    """Whether 20 ms are louder than a level in dBFS RMS: what a short script would do."""
    samples, _ = sound.read(path)
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    loud = np.mean(frames * frames, axis=1) > sound.power(level)
    return _spans(loud, 320)


def webrtc(path, mode):
    """WebRTC's, in frames of 20 ms; mode 0 calls most speech, mode 3 least."""
    samples, _ = sound.read(path)
    data = (samples * 32768).astype("<i2").tobytes()
    detector = webrtcvad.Vad(mode)
    heard = [detector.is_speech(data[at : at + 640], RATE) for at in range(0, len(data) - 639, 640)]
    return _spans(np.array(heard), 320)


def silero(path, threshold):
    """Silero's network (version 6, as faster-whisper ships it), in frames of 32 ms."""
    samples, _ = sound.read(path)
    model = get_vad_model()
    probabilities = model(np.pad(samples, (0, -len(samples) % 512)))
    return _spans(np.ravel(probabilities) > threshold, 512)


def _spans(flags, samples):
    """Stretches of true `flags`, of so many samples each."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    spans = []
    for begin, end in zip(edges[::2] * samples / RATE, edges[1::2] * samples / RATE):
        if spans and begin - spans[-1][1] < BRIDGED:
            spans[-1] = (spans[-1][0], float(end))
        else:
            spans.append((float(begin), float(end)))
    return spans


DETECTORS = {
    "ours": ours,
    "fixed −45 dBFS": fixed,
    "WebRTC 0": lambda path: webrtc(path, 0),
    "WebRTC 1": lambda path: webrtc(path, 1),
    "WebRTC 2": lambda path: webrtc(path, 2),
    "WebRTC 3": lambda path: webrtc(path, 3),
    "Silero 0.5": lambda path: silero(path, 0.5),
    "Silero 0.35": lambda path: silero(path, 0.35),
}
