"""What the daemon's own side of a clip costs in processor time: taking it from the slicer, its digest, the journal,
base64, the request's body and the send."""

import os
import pathlib
import shutil

from bench import QUICK, Daemon, Stub, folder, median, say
from recordings import SECONDS, long, pieces

ROUNDS = 1 if QUICK else 5
CLIPS = [5, 30, 300]
TICKS = os.sysconf("SC_CLK_TCK")


def processor(process):
    """Seconds of processor time so far, without the children's."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(max_seconds):
    """One recording sent, then the same audio with a tag behind it, for which the stored replies serve: for each the
    seconds of processor time; with the number of requests and their bytes."""
    with folder() as place, Stub() as stub, Daemon(place, stub.address("dropscribe"), 16, max_seconds) as daemon:
        daemon.warm_up(pieces(1, 2, "wav", place)[0])
        stub.forget()
        spent, requests = [], []
        for name, tag in [("sent.mp3", b""), ("stored.mp3", b"TAG" + bytes(125))]:
            shutil.copyfile(long("mp3"), place / name)
            with open(place / name, "ab") as recording:
                recording.write(tag)
            before = processor(daemon.child.pid)
            daemon.drop(place / name, name)
            daemon.await_done(name)
            spent.append(processor(daemon.child.pid) - before)
            requests.append(list(stub.requests.queue))
            stub.forget()
        if requests[1]:
            raise SystemExit(f"error: {len(requests[1])} clips were sent again, whose replies were stored")
        return *spent, len(requests[0]), sum(request["bytes"] for request in requests[0])


def main():
    say(f"## The daemon's side: {SECONDS} s of MP3, 16 slots, a stub that answers at once, {ROUNDS} rounds")
    say()
    say("Processor time of the daemon alone, its threads and the kernel's work for it, without the slicer's; medians. With")
    say("stored replies all is done but base64, body, send and reply. So the difference is what these four take.")
    say()
    say("| clips | requests | sent | with stored replies | all, a GB sent | base64, body, send, reply, a GB sent |")
    say("|---|---|---|---|---|---|")
    runs = {length: [] for length in CLIPS}
    for _ in range(ROUNDS):
        for length in CLIPS:
            runs[length].append(measure(length))
    for length, some in runs.items():
        sent, stored = (median([run[index] for run in some]) for index in [0, 1])
        count, gigabytes = some[0][2], some[0][3] / 1e9
        less = median([run[0] - run[1] for run in some])
        cells = [f"{length} s", str(count), f"{sent:.2f} s", f"{stored:.2f} s"]
        cells += [f"{sent / gigabytes:.2f} s", f"{less / gigabytes:.2f} s"]
        say("| " + " | ".join(cells) + " |")
    say()


main()
