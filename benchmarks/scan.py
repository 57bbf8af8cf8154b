"""The start with many known files: `dropscribe run --once` on a folder whose recordings are all done, beside the same
on one file, and beside find(1) listing the same folder. The files and their sidecars are real, the journal's rows are
copies of those of one recording that went all the way."""

import os
import shutil
import sqlite3
import subprocess
import time

from bench import Daemon, QUICK, Stub, folder, median, say, spread
from recordings import pieces

FILES = 2_000 if QUICK else 100_000
IN_A_FOLDER = 1_000
ROUNDS = 3 if QUICK else 7


def once(daemon):
    """Seconds, and peak resident kilobytes, of one `run --once`."""
    with daemon.log.open("ab") as log:
        start = time.monotonic()
        child = subprocess.Popen(daemon.command("--once"), stderr=log)
        _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"error: run --once ended with {child.returncode}: {daemon.log.read_text()[-2000:]}")
    return wall, used.ru_maxrss


def make_files(inbox):
    """Small files named as recordings, each with two sidecars; a scan of known files reads none of them."""
    paths = []
    for index in range(FILES):
        below = inbox / f"{index // IN_A_FOLDER:03}"
        if index % IN_A_FOLDER == 0:
            below.mkdir()
        path = below / f"recording-{index:06}.wav"
        for ending in ["", ".txt", ".usage.json"]:
            with open(f"{path}{ending}", "wb") as file:
                file.write(b"RIFF")
        paths.append(path)
    return paths


def make_rows(state, paths):
    """Every file becomes a recording with a job, a clip, an attempt, two sidecars and a delivery of its own."""
    with sqlite3.connect(state / "journal.sqlite") as journal:
        journal.row_factory = sqlite3.Row

        def copies(table, changes):
            """Copies the rows of `table` for each file, with what `changes` says for the file's number."""
            # Those that SQLite works out by itself are hidden.
            columns = journal.execute(f"SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0")
            names = [column["name"] for column in columns]
            for row in journal.execute(f"SELECT * FROM {table}").fetchall():
                fields = ", ".join(f'"{name}"' for name in names)
                marks = ", ".join("?" for _ in names)
                rows = ([{**dict(row), **changes(index)}[name] for name in names] for index in range(len(paths)))
                journal.executemany(f"INSERT INTO {table} ({fields}) VALUES ({marks})", rows)

        def recording(index):
            facts = os.lstat(paths[index])
            return {
                "id": first + index,
                "path": os.fsencode(paths[index]),
                "device": facts.st_dev,
                "inode": facts.st_ino,
                "size": facts.st_size,
                "modified": facts.st_mtime_ns,
                "changed": facts.st_ctime_ns,
                "sha256": f"{index:064x}",
            }

        first = 1_000
        copies("recording", recording)
        copies("job", lambda index: {"id": first + index, "sha256": f"{index:064x}"})
        copies("clip", lambda index: {"id": first + index, "job": first + index, "reply_key": f"{index:064x}"})
        copies("attempt", lambda index: {"id": first + index, "clip": first + index})
        copies("sidecar", lambda index: {"recording": first + index})
        copies("delivery", lambda index: {"recording": first + index, "job": first + index})
    journal.close()


def main():
    say(f"## Start-up: {FILES} known files in folders of {IN_A_FOLDER}, two sidecars beside each, {ROUNDS} rounds, warm")
    say()
    with folder() as place, Stub() as stub:
        daemon = Daemon(place, stub.address("dropscribe"))
        shutil.copyfile(pieces(1, 2, "wav", place)[0], daemon.inbox / "first.wav")
        once(daemon)
        one = [once(daemon) for _ in range(ROUNDS)]
        paths = make_files(daemon.inbox)
        make_rows(daemon.state, paths)
        asked = stub.requests.qsize()
        once(daemon)
        many, listing = [], []
        for _ in range(ROUNDS):
            many.append(once(daemon))
            start = time.monotonic()
            subprocess.run(
                ["find", daemon.inbox, "-type", "f", "-printf", "%p %D %i %s %T@ %C@\\n"],
                stdout=subprocess.DEVNULL,
                check=True,
            )
            listing.append(time.monotonic() - start)
        bought = stub.requests.qsize() - asked
    say("| | seconds | peak of dropscribe |")
    say("|---|---|---|")
    for title, runs in [("run --once, one known file", one), (f"run --once, {FILES} known files", many)]:
        peak = max(peak for _, peak in runs)
        say(f"| {title} | {spread([wall for wall, _ in runs], '%.2f')} | {peak / 1024:.0f} MB |")
    extra = median([wall for wall, _ in many]) - median([wall for wall, _ in one])
    say(f"| what the {FILES} add | {extra:.2f} | |")
    say(f"| find, the same facts of all files | {spread(listing, '%.2f')} | |")
    say()
    say(f"Requests sent meanwhile: {bought}.")
    say()


main()
