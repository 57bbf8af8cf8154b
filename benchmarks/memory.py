"""The daemon's peak memory with 16 requests in flight, and that of its children."""

import collections
import contextlib
import os
import pathlib
import threading

from bench import Daemon, QUICK, Stub, folder, say
from recordings import SECONDS, long, pieces

SLOTS = 16


class Peaks:
    """The greatest VmHWM that was seen of each program, looked at every 10 ms. Children that live for less than that
    may be missed; the daemon's own is exact, since the kernel keeps it."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.kilobytes = collections.defaultdict(int)
        self.at_once = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _look(self):
        total = 0
        for process in self.daemon.family():
            with contextlib.suppress(OSError, KeyError, ValueError):
                status = pathlib.Path(f"/proc/{process}/status").read_text()
                facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
                peak = int(facts["VmHWM"].split()[0])
                total += int(facts["VmRSS"].split()[0])
                self.kilobytes[facts["Name"]] = max(self.kilobytes[facts["Name"]], peak)
        self.at_once = max(self.at_once, total)

    def _watch(self):
        while not self.stopped.wait(0.01):
            self._look()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
        self._look()


def measure(title, make):
    """Drops what `make` makes all at once on a fresh daemon, and prints a row."""
    with folder() as place, Stub(delay=2) as stub, Daemon(place, stub.address("dropscribe"), SLOTS) as daemon:
        # The endpoint has to answer once before all its slots are used.
        daemon.warm_up(pieces(1, 2, "wav", place)[0])
        stub.forget()
        recordings = make(place)
        with Peaks(daemon) as peaks:
            for index, recording in enumerate(recordings):
                daemon.drop(recording, f"{index}.wav")
            for index in range(len(recordings)):
                daemon.await_done(f"{index}.wav")
        requests = list(stub.requests.queue)
        crowd = max(request["in_flight"] for request in requests)
        sent = sum(request["bytes"] for request in requests) / len(requests)
        # The kernel keeps 15 characters of a name.
        cells = [f"{peaks.kilobytes[name] / 1024:.0f} MB" for name in ["dropscribe", "dropscribe-watc", "dropscribe-slic"]]
        cells.append(f"{peaks.at_once / 1024:.0f} MB")
        say(f"| {title} | {len(requests)} | {crowd} | {sent / 1e6:.2f} MB | " + " | ".join(cells) + " |")


def main():
    say(f"## Memory: peak resident size, {SLOTS} slots, a stub that takes 2 s for each reply")
    say()
    say("| dropped | requests | most in flight | a request | dropscribe | dropscribe-watch | dropscribe-slice | all at once |")
    say("|---|---|---|---|---|---|---|---|")
    many = 32 if QUICK else 64

    def whole(place):
        path = place / "long.wav"
        os.link(long("wav"), path)
        return [path]

    measure("one recording of 10 s", lambda place: pieces(1, 10, "wav", place, first=100))
    measure(f"{many} recordings of 10 s", lambda place: pieces(many, 10, "wav", place, first=100))
    measure(f"{many} recordings of 29 s", lambda place: pieces(many, 29, "wav", place, first=100))
    measure("one recording of 9 min", lambda place: pieces(1, 540, "wav", place, first=1))
    measure(f"one recording of {SECONDS / 3600:.2g} h", whole)
    say()


main()
