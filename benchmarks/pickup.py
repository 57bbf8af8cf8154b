"""From a rename into the folder to the request at the endpoint, one recording at a time, all contenders idle in
between: dropscribe beside two shell scripts. Clocks: CLOCK_MONOTONIC here and in the stub."""

import os
import random
import signal
import subprocess
import time

from bench import Daemon, HERE, QUICK, Stub, folder, median, percentile, say, wait_for
from recordings import pieces

DROPS = 10 if QUICK else 100
SCRIPTS = {"script, file as it is": "as-is", "script, 16 kHz mono by ffmpeg": "converted"}


class Script:
    """A rival, watching a folder of its own."""

    def __init__(self, place, mode, address):
        self.inbox = place / mode
        self.inbox.mkdir()
        # A group of its own: its pipeline ends with it.
        self.child = subprocess.Popen(["bash", HERE / "rival.sh", self.inbox, address, mode], start_new_session=True)

    def drop(self, recording, name):
        now = time.monotonic_ns()
        os.rename(recording, self.inbox / name)
        return now

    def await_done(self, name):
        wait_for((self.inbox / f"{name}.json").exists, f"{name} is not done")

    def warm_up(self, recording):
        # inotifywait has no way to say that it watches.
        time.sleep(1)
        self.drop(recording, "warm-up.wav")
        self.await_done("warm-up.wav")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.child.pid, signal.SIGTERM)
        self.child.wait()


def main():
    say(f"## Pickup: from the rename of a 10 s recording (44.1 kHz stereo) to the request, {DROPS} drops each, idle")
    say()
    say("Milliseconds until the stub read the request's first byte, and in brackets its last one.")
    say()
    say("| format | contender | median | 99th percentile | longest |")
    say("|---|---|---|---|---|")
    with folder() as place, Stub() as stub:
        with Daemon(place, stub.address("dropscribe")) as daemon:
            rivals = {title: Script(place, mode, stub.address(mode)) for title, mode in SCRIPTS.items()}
            contenders = {"dropscribe": daemon, **rivals}
            try:
                run(place, stub, contenders)
            finally:
                for rival in rivals.values():
                    rival.__exit__()
    say()


def run(place, stub, contenders):
    for index, contender in enumerate(contenders.values()):
        contender.warm_up(pieces(1, 2, "wav", place, first=900 + index)[0])
    stub.forget()
    used = 0
    for kind in ["wav", "flac", "mp3"]:
        times = {title: [] for title in contenders}
        for _ in range(DROPS):
            for title, contender in contenders.items():
                recording = pieces(1, 10, kind, place, first=used)[0]
                used += 1
                # Whatever the last drop left to do is done by then, and no timer is met always at the same phase.
                time.sleep(random.uniform(0.1, 0.3))
                dropped = contender.drop(recording, f"{used}.{kind}")
                request = stub.next()
                times[title].append(((request["first"] - dropped) / 1e6, (request["last"] - dropped) / 1e6))
                contender.await_done(f"{used}.{kind}")
        for title, pairs in times.items():
            cells = []
            for figure in [median, lambda values: percentile(values, 0.99), max]:
                first, last = (figure([pair[end] for pair in pairs]) for end in [0, 1])
                cells.append(f"{first:.1f} ({last:.1f})")
            say(f"| {kind.upper()} | {title} | " + " | ".join(cells) + " |")


main()
