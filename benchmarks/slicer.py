"""How fast recordings are prepared, as a multiple of real time: dropscribe-slice as the daemon runs it, beside ffmpeg
doing the decoding and resampling alone, and a bare C loop over the same libraries."""

import os
import subprocess
import time

from bench import HERE, PROGRAMS, QUICK, WORK, median, say, spread
from recordings import SECONDS, long

ROUNDS = 2 if QUICK else 7


def measure(command, recording):
    """Runs `command` on one core with `recording` as standard input, a program that only reads behind it. Returns
    seconds of wall clock, seconds of processor time with all its children's, and peak resident kilobytes."""
    core = max(os.sched_getaffinity(0))
    with open(recording, "rb") as source:
        start = time.monotonic()
        child = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    reader = subprocess.Popen(["cat"], stdin=child.stdout, stdout=subprocess.DEVNULL)
    child.stdout.close()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    reader.wait()
    if child.returncode != 0:
        raise SystemExit(f"error: {command[0]} ended with {child.returncode} on {recording}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss


def main():
    bare = WORK / "bare_loop"
    subprocess.run(
        [os.environ["CC"], "-O3", "-o", bare, HERE / "bare_loop.c", "-lsndfile", "-lsoxr", "-lm"],
        check=True,
    )
    say(f"## Preparing audio: {SECONDS} s of speech on noise, 44.1 kHz stereo, one core, {ROUNDS} rounds in turn")
    say()
    say("Multiples of real time by processor time, median (least to greatest); by wall clock after the slash. The ratios")
    say("are dropscribe-slice's speed by the rival's, of each round: over 1, dropscribe-slice is the faster.")
    say()
    say("| format | dropscribe-slice | ffmpeg, decode and resample | bare C loop | by ffmpeg's | by the loop's | peak |")
    say("|---|---|---|---|---|---|---|")
    for kind in ["wav", "flac", "mp3"]:
        recording = long(kind)
        contenders = {
            "slice": [PROGRAMS / "dropscribe-slice", "--frames"],
            "ffmpeg": ["ffmpeg", "-nostdin", "-v", "error", "-i", recording, "-ac", "1", "-ar", "16000"]
            + ["-f", "s16le", "-"],
            "bare": [bare],
        }
        for command in contenders.values():
            measure(command, recording)
        runs = {name: [] for name in contenders}
        for index in range(ROUNDS):
            # Every other round backwards, so that none always comes after the same one.
            for name in list(contenders)[:: 1 if index % 2 == 0 else -1]:
                runs[name].append(measure(contenders[name], recording))
        cells = []
        for name in contenders:
            speeds = [SECONDS / cpu for _, cpu, _ in runs[name]]
            wall = median([SECONDS / wall for wall, _, _ in runs[name]])
            cells.append(f"{spread(speeds, '%.0f')} / {wall:.0f}")
        for rival in ["ffmpeg", "bare"]:
            ratios = [other[1] / own[1] for own, other in zip(runs["slice"], runs[rival])]
            cells.append(spread(ratios, "%.2f"))
        cells.append(f"{max(peak for _, _, peak in runs['slice']) / 1024:.0f} MB")
        say(f"| {kind.upper()} | " + " | ".join(cells) + " |")
    say()


main()
