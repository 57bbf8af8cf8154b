"""How long dropscribe-slice takes to start, which every recording waits for, beside `true` and the bare C loop."""

import os
import time

from bench import PROGRAMS, QUICK, folder, median, percentile, say
from preparing import bare_loop
from recordings import pieces

ROUNDS = 20 if QUICK else 300


def measure(command, recording):
    """Milliseconds from before the start to the first byte of its output (none: its end) and to its end, and of
    processor time, all children's with it."""
    ours, its = os.pipe()
    source, sink = os.open(recording, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, its, 1), (os.POSIX_SPAWN_DUP2, sink, 2)]
    start = time.monotonic_ns()
    child = os.posix_spawn(command[0], command, {}, file_actions=actions)
    for descriptor in [its, source, sink]:
        os.close(descriptor)
    os.read(ours, 1)
    first = time.monotonic_ns()
    while os.read(ours, 65_536):
        pass
    _, _, used = os.wait4(child, 0)
    end = time.monotonic_ns()
    os.close(ours)
    return (first - start) / 1e6, (end - start) / 1e6, (used.ru_utime + used.ru_stime) * 1e3


def main():
    say(f"## Starting: one second of 44.1 kHz stereo, {ROUNDS} rounds in turn")
    say()
    say("Milliseconds, median (99th percentile), from before the start to the first byte of output, and to the end.")
    say()
    say("| program | first byte | end | processor time |")
    say("|---|---|---|---|")
    with folder() as place:
        kinds = enumerate(["wav", "flac", "mp3"])
        recordings = {kind: pieces(1, 1, kind, place, first=index)[0] for index, kind in kinds}
        program = str(PROGRAMS / "dropscribe-slice")
        contenders = {
            "`true`": (["/bin/true"], os.devnull),
            "bare C loop, nothing to read": ([str(bare_loop())], os.devnull),
            "`dropscribe-slice --version`": ([program, "--version"], os.devnull),
        }
        for kind, recording in recordings.items():
            contenders[f"bare C loop, {kind.upper()}"] = ([str(bare_loop())], recording)
            contenders[f"`dropscribe-slice --frames`, {kind.upper()}"] = ([program, "--frames"], recording)
        times = {title: [] for title in contenders}
        for _ in range(ROUNDS):
            for title, (command, recording) in contenders.items():
                times[title].append(measure(command, recording))
    for title, rows in times.items():
        cells = [f"{median(values):.1f} ({percentile(values, 0.99):.1f})" for values in zip(*rows)]
        if "read" in title or "true" in title:
            cells[0] = ""
        say(f"| {title} | " + " | ".join(cells) + " |")
    say()


main()
