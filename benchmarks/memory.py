"""The daemon's peak memory with 16 requests in flight, and that of its children."""

import os

from bench import Daemon, QUICK, Stub, folder, say
from peaks import Peaks
from recordings import SECONDS, long, pieces

SLOTS = 16


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
        programs = ["dropscribe", "dropscribe-watch", "dropscribe-slice"]
        cells = [f"{peaks.megabytes(name):.0f} MB" for name in programs]
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
