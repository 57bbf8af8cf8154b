"""Samples: noises of known colour, levels, and 16-bit WAV files."""

import wave

import numpy as np

# A voice that is close to a microphone, about.
USUAL_LEVEL = -26


def power(decibels):
    return 10 ** (decibels / 10)


def decibels(mean_square):
    return 10 * np.log10(max(float(mean_square), 1e-15))


def mean_square(samples):
    return float(np.mean(np.square(samples, dtype=np.float64)))


def scaled(samples, level):
    """To `level` in dBFS RMS; full scale squared is 0 dB."""
    return samples * np.float32((power(level) / mean_square(samples)) ** 0.5)


def noise(colour, count, rate, generator):
    """White, pink (3 dB less an octave, from 20 Hz), hum (50 Hz and what a bad cable adds to it) or music."""
    if colour == "music":
        return music(count, rate, generator)
    if colour == "hum":
        time = np.arange(count) / rate
        tones = sum(np.sin(2 * np.pi * 50 * k * time + k) / k**1.2 for k in range(1, 13))
        return (tones + 0.05 * generator.standard_normal(count)).astype(np.float32)
    white = generator.standard_normal(count)
    if colour == "white":
        return white.astype(np.float32)
    spectrum = np.fft.rfft(white)
    hertz = np.fft.rfftfreq(count, 1 / rate)
    spectrum *= np.where(hertz < 20, 0, 1 / np.sqrt(np.maximum(hertz, 20)))
    return np.fft.irfft(spectrum, count).astype(np.float32)


def music(count, rate, generator):
    """Chords that change twice a second, each struck anew, over a drum: no voice, and no steady level either."""
    samples = np.zeros(count, np.float32)
    beat = rate // 2
    for start in range(0, count, beat):
        length = min(2 * beat, count - start)
        time = np.arange(length) / rate
        root = 110 * 2 ** (generator.integers(24) / 12)
        for step in (0, 4, 7, 12):
            hertz = root * 2 ** (step / 12)
            for overtone in range(1, 6):
                tone = np.sin(2 * np.pi * hertz * overtone * time) / overtone**1.5
                samples[start : start + length] += (tone * np.exp(-2 * time)).astype(np.float32)
        drum = generator.standard_normal(length) * np.exp(-30 * time)
        samples[start : start + length] += drum.astype(np.float32)
    return samples


def write(path, samples, rate):
    """Rounded to 16 bits as a recorder would: what is too loud is clipped."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())


def read(path):
    """Mono samples and their rate, of a 16-bit WAV file."""
    with wave.open(str(path)) as file:
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        return values.reshape(-1, file.getnchannels()).mean(axis=1), file.getframerate()
