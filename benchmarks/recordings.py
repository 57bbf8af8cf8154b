"""The recordings: the opening of A Tale of Two Cities, read aloud (44 s, 48 kHz), over and over, at 44.1 kHz in
stereo, the right channel 3 ms behind the left, on pink noise at about -55 dBFS that never repeats."""

import pathlib
import subprocess
import wave

import numpy
import soundfile

from bench import QUICK, SPEECH, WORK

RATE = 44_100
# Of the long recordings.
SECONDS = 600 if QUICK else 7_200
ENCODERS = {
    "flac": ["-c:a", "flac"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
    "opus": ["-c:a", "libopus", "-b:a", "64k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "4"],
}


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL)


def long(kind):
    """The long recording as wav, flac or mp3; made once a run."""
    path = WORK / f"long.{kind}"
    if path.exists():
        return path
    if kind == "wav":
        voice = WORK / "voice.wav"
        run("sox", SPEECH, "-r", RATE, voice, "remix", "1", "1", "delay", "0", "0.003")
        repeats = SECONDS // 44
        run(
            *("sox", "-R", "-m", "-v", "1", f"|sox {voice} -p repeat {repeats}"),
            *("-v", "1", f"|sox -R -n -r {RATE} -c 2 -p synth {SECONDS} pinknoise vol -42dB"),
            *("-b", "16", path, "trim", "0", SECONDS),
        )
    else:
        encode(long("wav"), path)
    return path


def repeated(seconds, path):
    """Makes a recording of any length: the long one over and over, with other lowest bits each time, since the same
    audio is never bought twice. As RF64: a WAV file ends at 4 GB."""
    random = numpy.random.default_rng(1)
    left = seconds * RATE
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16", format="RF64") as target:
        while left > 0:
            for block in soundfile.blocks(long("wav"), blocksize=1 << 20, dtype="int16"):
                block = block[:left]
                target.write(block ^ random.integers(0, 2, block.shape, dtype="int16"))
                left -= len(block)


def encode(source, target):
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, *ENCODERS[target.suffix[1:]], target)


def pieces(count, seconds, kind, place, first=0):
    """`count` recordings of different bytes, cut from the long one at different places, in `place`."""
    paths = []
    with wave.open(str(long("wav"))) as source:
        length = source.getnframes()
        for index in range(first, first + count):
            # Steps that share no factor with the reading's length, so that no two begin at the same word.
            source.setpos(int(index * 7.31 * RATE) % (length - int(seconds * RATE) + 1))
            path = pathlib.Path(place) / f"piece-{index}.wav"
            with wave.open(str(path), "wb") as target:
                target.setparams(source.getparams())
                target.writeframes(source.readframes(int(seconds * RATE)))
            if kind != "wav":
                encode(path, path.with_suffix(f".{kind}"))
                path.unlink()
                path = path.with_suffix(f".{kind}")
            paths.append(path)
    return paths
