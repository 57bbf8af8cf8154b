"""How often an idle daemon wakes up: voluntary context switches of all its threads and of its watching child."""

import pathlib
import time

from bench import Daemon, QUICK, Stub, folder, say
from recordings import pieces

SECONDS = 20 if QUICK else 120


def switches(process):
    """By thread: how often it has gone to sleep so far."""
    counts = {}
    for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
        for line in (thread / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                counts[thread.name] = int(line.split()[1])
    return counts


def main():
    with folder() as place, Stub() as stub, Daemon(place, stub.address("dropscribe")) as daemon:
        daemon.warm_up(pieces(1, 2, "wav", place)[0])
        # The connection to the endpoint is closed after a minute without requests: that is no idling yet.
        time.sleep(2 if QUICK else 70)
        family = daemon.family()
        before = {process: switches(process) for process in family}
        time.sleep(SECONDS)
        say(f"## Idle: {SECONDS} s with nothing to do, one folder, after one recording")
        say()
        say("| program | threads | wake-ups | in 10 s |")
        say("|---|---|---|---|")
        for process in family:
            name = pathlib.Path(f"/proc/{process}/comm").read_text().strip()
            after = switches(process)
            count = sum(after[thread] - before[process].get(thread, 0) for thread in after)
            say(f"| {name} | {len(after)} | {count} | {count * 10 / SECONDS:.2f} |")
        say()


main()
