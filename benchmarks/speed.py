"""How fast recordings are prepared, as a multiple of real time: dropscribe-slice as the daemon runs it, beside a bare C
loop and a Python script over the same libraries, and ffmpeg doing the decoding and resampling alone; then several
recordings at once."""

import os
import time

from bench import QUICK, Daemon, Stub, folder, median, say, spread
from preparing import FFMPEG, LOOP, OURS, PYTHON, Run, contenders, rounds
from recordings import pieces

SECONDS = 60 if QUICK else 3_600
ROUNDS = 2 if QUICK else 5
# Of each of several recordings at once.
CROWD_SECONDS = 60 if QUICK else 1_800
CROWDS = [1, 2, 4]
FORMATS = {"wav": "WAV", "flac": "FLAC", "mp3": "MP3", "opus": "Opus", "ogg": "Vorbis"}


def alone(place):
    say(f"## Preparing audio: {SECONDS} s of speech on noise, 44.1 kHz stereo, one core, {ROUNDS} rounds in turn")
    say()
    say("Multiples of real time by processor time, median (least to greatest); by wall clock after the slash. The ratios")
    say("are dropscribe-slice's speed by the rival's, of each round: over 1, dropscribe-slice is the faster.")
    say()
    rivals = [LOOP, PYTHON, FFMPEG]
    say(f"| format | {OURS} | " + " | ".join(rivals) + " | " + " | ".join(f"by {name}" for name in rivals) + " |")
    say("|---" * 8 + "|")
    peaks = {}
    for kind, name in FORMATS.items():
        recording = pieces(1, SECONDS, kind, place)[0]
        runs = rounds(contenders(recording), recording, ROUNDS)
        cells = []
        for some in runs.values():
            wall = median([SECONDS / run.wall for run in some])
            cells.append(f"{spread([SECONDS / run.cpu for run in some], '%.0f')} / {wall:.0f}")
        for rival in rivals:
            cells.append(spread([other.cpu / own.cpu for own, other in zip(runs[OURS], runs[rival])], "%.2f"))
        say(f"| {name} | " + " | ".join(cells) + " |")
        peaks[name] = {title: max(run.peak for run in some) for title, some in runs.items()}
        recording.unlink()
    say()
    say("The greatest peak of resident memory of each run:")
    say()
    say("| format | " + " | ".join([OURS, *rivals]) + " |")
    say("|---" * 5 + "|")
    for name, row in peaks.items():
        say(f"| {name} | " + " | ".join(f"{row[title]:.0f} MB" for title in [OURS, *rivals]) + " |")
    say()


def many(place):
    cores = len(os.sched_getaffinity(0))
    say(f"## Several at once: FLAC recordings of {CROWD_SECONDS} s each, {cores} cores, by wall clock")
    say()
    say("Multiples of real time of all together. Through the daemon: from the rename to the last usage sidecar, with a stub")
    say("that answers at once, and which shares the cores.")
    say()
    say("| recordings | dropscribe-slice alone | by one | through the daemon | by one |")
    say("|---|---|---|---|---|")
    first = None
    for count in CROWDS:
        recordings = pieces(count, CROWD_SECONDS, "flac", place, first=50)
        alone = CROWD_SECONDS * count / crowd(recordings)
        whole = CROWD_SECONDS * count / through_daemon(recordings)
        first = first or (alone, whole)
        say(f"| {count} | {alone:.0f} | {alone / first[0]:.2f} | {whole:.0f} | {whole / first[1]:.2f} |")
    say()


def crowd(recordings):
    """Seconds until all are prepared."""
    start = time.monotonic()
    for run in [Run(contenders(path)[OURS], path, is_alone=False) for path in recordings]:
        run.finish()
    return time.monotonic() - start


def through_daemon(recordings):
    """Seconds until all are done."""
    with folder() as place, Stub() as stub, Daemon(place, stub.address("dropscribe"), 16) as daemon:
        daemon.warm_up(pieces(1, 2, "wav", place)[0])
        start = time.monotonic()
        for index, recording in enumerate(recordings):
            daemon.drop(recording, f"{index}.flac")
        for index in range(len(recordings)):
            daemon.await_done(f"{index}.flac")
        return time.monotonic() - start


def main():
    with folder() as place:
        alone(place)
        many(place)


main()
