"""What the benchmarks share: the stub and the daemon as children, and how figures are summed up."""

import contextlib
import json
import math
import os
import pathlib
import queue
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ["DROPSCRIBE_PROGRAMS"])
WORK = pathlib.Path(os.environ["DROPSCRIBE_BENCHMARK_WORK"])
SPEECH = pathlib.Path(os.environ["DROPSCRIBE_SPEECH"]) / "two_cities.wav"
QUICK = os.environ.get("DROPSCRIBE_BENCHMARK_QUICK") == "1"
# A run that takes longer than this has hung.
PATIENCE = 600


def say(text=""):
    print(text, flush=True)


def median(values):
    return statistics.median(values)


def percentile(values, part):
    """The smallest value that at least `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def spread(values, form):
    """The median, with the least and the greatest value."""
    return f"{form % median(values)} ({form % min(values)} to {form % max(values)})"


def wait_for(condition, what):
    """The first true value of `condition()`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    sys.exit(f"error: waited {PATIENCE} s in vain: {what}")


@contextlib.contextmanager
def folder():
    """A new folder below the working one, removed at the end."""
    path = pathlib.Path(tempfile.mkdtemp(dir=WORK))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def end(child):
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


class Stub:
    """The stub endpoint as a child."""

    def __init__(self, delay=0):
        self.child = subprocess.Popen(
            [sys.executable, HERE / "stub_endpoint.py", "--delay", str(delay)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.child.stdout.readline())
        self.requests = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.requests.put(json.loads(line))

    def address(self, name):
        return f"http://127.0.0.1:{self.port}/{name}/v1"

    def next(self):
        """The next request that was answered."""
        return self.requests.get(timeout=PATIENCE)

    def forget(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self.requests.get_nowait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.child)


class Daemon:
    """dropscribe with a folder, a state and a configuration of its own below `place`."""

    def __init__(self, place, address, concurrency=4, max_seconds=30):
        self.inbox = place / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self.state = place / "state"
        self.configuration = place / "dropscribe.toml"
        self.configuration.write_text(
            f"""
[endpoint.stub]
preset = "local"
url = "{address}"
concurrency = {concurrency}
[task.transcript]
instruction = "Transcribe the audio clip into text."
[folder.inbox]
path = "{self.inbox}"
quiet_seconds = 1
[clip]
max_seconds = {max_seconds}
[state]
path = "{self.state}"
socket = "{place}/control.sock"
"""
        )
        self.log = place / "daemon.log"

    def command(self, *arguments):
        return [PROGRAMS / "dropscribe", "run", "--config", self.configuration, *arguments]

    def __enter__(self):
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.command(), stderr=log)
        return self

    def __exit__(self, *_):
        end(self.child)

    def drop(self, recording, name):
        """Renames `recording` into the folder; returns the monotonic time just before, in nanoseconds."""
        now = time.monotonic_ns()
        os.rename(recording, self.inbox / name)
        return now

    def is_done(self, name):
        """Whether everything that is to stand beside a recording does."""
        if (self.inbox / f"{name}.error.json").exists():
            sys.exit(f"error: {name} failed; {self.log} said: {self.log.read_text()[-2000:]}")
        usage = self.inbox / f"{name}.usage.json"
        with contextlib.suppress(FileNotFoundError):
            return json.loads(usage.read_text())["complete"]
        return False

    def await_done(self, name):
        if self.child.poll() is not None:
            sys.exit(f"error: the daemon ended; it said: {self.log.read_text()[-2000:]}")
        wait_for(lambda: self.is_done(name), f"{name} is not done; {self.log}")

    def warm_up(self, recording):
        """One recording through the whole of it, so that the next is no first."""
        copy = self.inbox.parent / "warm-up"
        shutil.copyfile(recording, copy)
        self.drop(copy, "warm-up.wav")
        self.await_done("warm-up.wav")

    def family(self):
        """The ids of the daemon and of the children that it has now."""
        found, rest = [], [self.child.pid]
        while rest:
            process = rest.pop()
            found.append(process)
            with contextlib.suppress(OSError):
                for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
                    rest += [int(child) for child in (thread / "children").read_text().split()]
        return found
