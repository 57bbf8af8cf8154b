"""Whether the endpoint's slots stay full: a stub that takes a second for each reply, 32 slots."""

import math
import os

from bench import Daemon, QUICK, Stub, folder, say
from recordings import SECONDS, long, pieces

SLOTS = 32


def measure(title, max_seconds, make):
    """Drops what `make` makes on a fresh daemon whose endpoint has answered before, and prints a row."""
    with folder() as place, Stub(delay=1) as stub:
        with Daemon(place, stub.address("dropscribe"), SLOTS, max_seconds) as daemon:
            daemon.warm_up(pieces(1, 2, "wav", place)[0])
            stub.forget()
            recordings = make(place)
            start = min(daemon.drop(path, f"{index}.wav") for index, path in enumerate(recordings))
            for index in range(len(recordings)):
                daemon.await_done(f"{index}.wav")
            requests = list(stub.requests.queue)
    wall = (max(request["replied"] for request in requests) - start) / 1e9
    ideal = math.ceil(len(requests) / SLOTS)
    crowd = max(request["in_flight"] for request in requests)
    say(f"| {title} | {len(requests)} | {crowd} | {wall:.1f} s | {ideal} s | {wall / ideal:.3f} |")


def main():
    say(f"## Filling the endpoint: a second for each reply, {SLOTS} slots")
    say()
    say("Wall clock from the first rename to the last reply; ideal is whole rounds of a second.")
    say()
    say("| dropped | clips | most in flight | wall | ideal | ratio |")
    say("|---|---|---|---|---|---|")

    def whole(place):
        path = place / "long.wav"
        os.link(long("wav"), path)
        return [path]

    # Clips of about 7 s make a thousand of two hours.
    measure(f"one recording of {SECONDS / 3600:.2g} h", 7.5, whole)
    many = 100 if QUICK else 1_000
    measure(f"{many} recordings of 5 s", 30, lambda place: pieces(many, 5, "wav", place))
    say()


main()
