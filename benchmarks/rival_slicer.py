"""A rival of dropscribe-slice, as a script is written that has soundfile and soxr: the whole recording at once, its
mean, 16 kHz, cut where 30 ms hold the least energy in the last third of each 30 s, and a WAV file of each clip."""

import io
import sys

import soundfile
import soxr

RATE = 16_000
CLIP = 30 * RATE
WINDOW = RATE * 30 // 1000


def wav(samples):
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def main():
    audio, rate = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
    speech = soxr.resample(audio.mean(axis=1), rate, RATE, quality="HQ")
    whole = len(speech) // WINDOW
    energy = (speech[: whole * WINDOW].reshape(whole, WINDOW) ** 2).mean(axis=1)
    start = 0
    while start < len(speech):
        end = start + CLIP
        if end < len(speech):
            first = (start + CLIP * 2 // 3) // WINDOW
            end = (first + int(energy[first : end // WINDOW].argmin())) * WINDOW + WINDOW // 2
        sys.stdout.buffer.write(wav(speech[start:end]))
        start = end


main()
