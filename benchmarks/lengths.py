"""Peak memory over a recording's length: dropscribe-slice and a Python script alone, and the daemon with 16 slots."""

from bench import HERE, QUICK, WORK, Daemon, Stub, folder, say
from peaks import Peaks
from picture import draw
from preparing import OURS, PYTHON, Run, contenders
from recordings import SECONDS, pieces, repeated

MINUTE, HOUR = 60, 3_600
LENGTHS = [10, MINUTE, 10 * MINUTE] if QUICK else [10, MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 10 * HOUR]
# It holds half a gigabyte for each quarter of an hour.
LONGEST_FOR_PYTHON = 2 * HOUR
SLOTS = 16
DAEMON = "dropscribe"


def words(seconds):
    for unit, name in [(HOUR, "h"), (MINUTE, "min")]:
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds} s"


def recording(seconds, place):
    if seconds <= SECONDS:
        return pieces(1, seconds, "wav", place)[0]
    path = place / f"{seconds}.wav"
    repeated(seconds, path)
    return path


def through_daemon(path):
    """The peaks of a fresh daemon, and how many requests were sent and in flight at once."""
    with folder() as place, Stub(delay=0.5) as stub, Daemon(place, stub.address("dropscribe"), SLOTS) as daemon:
        daemon.warm_up(pieces(1, 2, "wav", place)[0])
        stub.forget()
        with Peaks(daemon) as peaks:
            daemon.drop(path, "recording.wav")
            daemon.await_done("recording.wav")
        requests = list(stub.requests.queue)
        return peaks, len(requests), max(request["in_flight"] for request in requests)


def main():
    say(f"## Memory over length: WAV, 44.1 kHz stereo, {SLOTS} slots, a stub that takes half a second for each reply")
    say()
    say("Peak resident size. The programs that prepare audio run alone; then a fresh daemon does the whole.")
    say()
    say(f"| length | {OURS} | {PYTHON} | {DAEMON} | all of its processes at once | requests | most in flight |")
    say("|---" * 7 + "|")
    curves = {OURS: {}, PYTHON: {}, DAEMON: {}}
    with folder() as place:
        for seconds in LENGTHS:
            path = recording(seconds, place)
            commands = contenders(path)
            alone = {}
            for name in [OURS, PYTHON]:
                if name != PYTHON or seconds <= LONGEST_FOR_PYTHON:
                    curves[name][seconds] = Run(commands[name], path).finish().peak
                    alone[name] = f"{curves[name][seconds]:.0f} MB"
            peaks, count, crowd = through_daemon(path)
            curves[DAEMON][seconds] = peaks.megabytes(DAEMON)
            cells = [alone[OURS], alone.get(PYTHON, "not tried"), f"{curves[DAEMON][seconds]:.0f} MB"]
            cells += [f"{peaks.at_once / 1024:.0f} MB", str(count), str(crowd)]
            say(f"| {words(seconds)} | " + " | ".join(cells) + " |")
    say()
    picture = (WORK if QUICK else HERE.parent / "docs") / "memory.svg"
    picture.write_text(draw(curves, [(seconds, words(seconds)) for seconds in LENGTHS]))
    say(f"The same as a picture: {'a sketch only' if QUICK else 'docs/memory.svg'}")
    say()


main()
