"""The peak memory of the daemon and of its children."""

import collections
import contextlib
import pathlib
import threading


class Peaks:
    """The greatest VmHWM that was seen of each program, looked at every 10 ms. Children that live for less than that
    may be missed; the daemon's own is exact, since the kernel keeps it."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.kilobytes = collections.defaultdict(int)
        self.at_once = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def megabytes(self, name):
        """Of the program of that name."""
        # The kernel keeps 15 characters of a name.
        return self.kilobytes[name[:15]] / 1024

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
