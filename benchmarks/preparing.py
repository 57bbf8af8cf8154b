"""The programs that prepare audio, and what a run of one takes."""

import os
import pathlib
import subprocess
import sys
import threading
import time

from bench import HERE, PROGRAMS, WORK

OURS, LOOP, PYTHON, FFMPEG = "dropscribe-slice", "bare C loop", "Python script", "ffmpeg"


def bare_loop():
    """The C loop over the same libraries; built once a run."""
    program = WORK / "bare_loop"
    if not program.exists():
        source = HERE / "bare_loop.c"
        subprocess.run([os.environ["CC"], "-O3", "-o", program, source, "-lsndfile", "-lsoxr", "-lm"], check=True)
    return program


def contenders(recording):
    """By name: the command that makes 16 kHz mono of `recording`, which is its standard input, too."""
    return {
        OURS: [PROGRAMS / "dropscribe-slice", "--frames"],
        LOOP: [bare_loop()],
        PYTHON: [sys.executable, HERE / "rival_slicer.py", recording],
        FFMPEG: ["ffmpeg", "-nostdin", "-v", "error", "-i", recording, "-ac", "1", "-ar", "16000", "-f", "s16le", "-"],
    }


class Run:
    """A program at work on `recording`, and one that only reads behind it; on one core where `is_alone`."""

    def __init__(self, command, recording, is_alone=True):
        core = max(os.sched_getaffinity(0))
        with open(recording, "rb") as source:
            self.start = time.monotonic()
            self.child = subprocess.Popen(
                command,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if is_alone else None,
            )
        self.reader = subprocess.Popen(["cat"], stdin=self.child.stdout, stdout=subprocess.DEVNULL)
        self.child.stdout.close()
        self.command, self.recording = command, recording
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self._watch)
        self.watcher.start()

    def _watch(self):
        """Notes the peak of resident memory every 10 ms. What wait4(2) says of it is never less than what this very
        program had when it started the other."""
        status = pathlib.Path(f"/proc/{self.child.pid}/status")
        while not self.ended.wait(0.01):
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = int(line.split()[1]) / 1024

    def finish(self):
        """Waits for the end. Sets the seconds of wall clock and of processor time, all children's with it, and the
        peak resident size in megabytes."""
        os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT)
        self.wall = time.monotonic() - self.start
        self.ended.set()
        self.watcher.join()
        _, status, used = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.reader.wait()
        if self.child.returncode != 0:
            raise SystemExit(f"error: {self.command[0]} ended with {self.child.returncode} on {self.recording}")
        self.cpu = used.ru_utime + used.ru_stime
        return self


def rounds(commands, recording, count):
    """By name: `count` runs of each command in turn, every other round backwards, so that none always comes after the
    same one; after a round that is not counted."""
    runs = {name: [] for name in commands}
    for index in range(-1, count):
        for name in list(commands)[:: 1 if index % 2 == 0 else -1]:
            run = Run(commands[name], recording).finish()
            if index >= 0:
                runs[name].append(run)
    return runs
