"""Damaged recordings of every kind, through the built dropscribe-slice as the daemon runs it.

Each damaged recording is made from a whole one by a seed, a kind and a number, so that a finding can be had again:
--replay KIND:NUMBER with the same --seed. What the child says must be sound frames and the truth about their form;
it must end by itself within its limits and leave no process behind.
"""

import argparse
import os
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import recordings

PATIENCE = 90  # seconds of wall time: the machine may be busy
MOST_MEMORY = 400 << 10  # KiB of resident memory, of the child or of one that it started
MOST_OUTPUT = 64 << 20
FAR = 1 << 48
NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63]
NUMBERS += [(1 << 64) - 1, (1 << 64) - 2, 0x7FFFFFFE, 0xFFFFFFF0]
VERDICTS = ["whole", "damaged", "unreadable", "limit", "decoder missing"]


def damaged(whole, others, dice):
    """The bytes of a recording after a few blows."""
    data = bytearray(whole)
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        if len(data) < 16:
            break
        # Most of what a decoder believes stands in the first bytes.
        end = min(len(data), dice.choice([64, 512, 4096, len(data), len(data)]))
        place = dice.randrange(end)
        blow = dice.randrange(10)
        if blow <= 1:
            for _ in range(dice.choice([1, 1, 4, 32])):
                data[dice.randrange(end)] ^= 1 << dice.randrange(8)
        elif blow <= 4:
            width = dice.choice([1, 2, 4, 8])
            number = dice.choice(NUMBERS) & ((1 << 8 * width) - 1)
            data[place : place + width] = number.to_bytes(width, dice.choice(["little", "big"]))
        elif blow == 5:
            del data[dice.randrange(len(data)) :]
        elif blow == 6:
            del data[place : place + dice.choice([1, 4, 100, 5000])]
        elif blow == 7:
            data[place:place] = data[place : place + dice.choice([1, 8, 300, 20000])]
        elif blow == 8:
            length = min(dice.choice([4, 64, 4096]), len(data) - place)
            data[place : place + length] = bytes([dice.choice([0, 0xFF, dice.randrange(256)])]) * length
        else:
            other = dice.choice(others)
            data[place:] = other[dice.randrange(len(other)) :]
    return bytes(data)


class Unsound(Exception):
    """What a child wrote, or how it ended, that it must not."""


class Reader:
    """Takes a payload apart, as the format in Sources/Messages/SliceFrame.swift says."""

    def __init__(self, payload):
        self.payload, self.at = payload, 0

    def take(self, count):
        if self.at + count > len(self.payload):
            raise Unsound("a frame that ends too early")
        self.at += count
        return self.payload[self.at - count : self.at]

    def number(self):
        return struct.unpack("<q", self.take(8))[0]

    def block(self):
        return self.take(struct.unpack("<I", self.take(4))[0])

    def range(self, within=(0, FAR)):
        start, end = self.number(), self.number()
        if not within[0] <= start <= end <= within[1]:
            raise Unsound(f"a range from {start} to {end}")
        return start, end

    def close(self):
        if self.at != len(self.payload):
            raise Unsound("a frame with more behind it")


def verdict(output, min_frames):
    """What the frames come to; raises Unsound where they are none, or do not follow on."""
    frames, at = Reader(output), 0
    reached, index, has_format, said = 0, 0, False, None
    while frames.at < len(output):
        if said:
            raise Unsound("more behind the end")
        kind = frames.take(1)
        frame = Reader(frames.block())
        if kind == b"F":
            if has_format:
                raise Unsound("a second format")
            has_format = True
            frame.block().decode()
            rate, channels, declared = frame.number(), frame.number(), frame.number()
            if not (1000 <= rate <= 768_000 and 1 <= channels <= 64 and declared >= -1):
                raise Unsound(f"{rate} Hz, {channels} channels, {declared} frames")
        elif kind == b"C":
            place, (start, end) = frame.number(), frame.range()
            level = struct.unpack("<d", struct.pack("<q", frame.number()))[0]
            joint, spans = frame.number(), frame.number()
            for _ in range(spans):
                frame.range((start, end))
            wav = frame.block()
            if not has_format or (place, start) != (index, reached) or not -200 < level < 60 or joint not in (0, 1, 2):
                raise Unsound(f"clip {place} from {start}, {level} dBFS, joint {joint}: {index} from {reached} is next")
            if len(wav) != 44 + 2 * max(min_frames, end - start) or wav[:4] != b"RIFF":
                raise Unsound(f"{len(wav)} bytes of audio for {end - start} frames")
            reached, index = end, index + 1
        elif kind == b"S":
            start, end = frame.range()
            if not has_format or start != reached:
                raise Unsound(f"a silence from {start} where {reached} is reached")
            reached = end
        elif kind == b"E":
            number, reason, read, length = frame.number(), frame.block().decode(), frame.number(), frame.number()
            if number >= len(VERDICTS) or read < 0 or length != reached:
                raise Unsound(f"an end at {length} where {reached} is reached, verdict {number}, {read} frames read")
            said = VERDICTS[number]
            if (said == "whole") != (reason == ""):
                raise Unsound(f"{said}, and the reason is {reason!r}")
        else:
            raise Unsound(f"no frame begins with {kind!r}")
        frame.close()
    if not said:
        raise Unsound("no verdict")
    return said


def left_behind(session):
    """Processes of the child's session that still live, those aside that only wait to be reaped."""
    left = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(state[3]) == session and state[0] != "Z":
                left.append(int(entry.name))
    return left


def slice_one(program, path, ffmpeg):
    """Runs the child over a recording; returns its verdict, seconds and memory in KiB. Raises Unsound."""
    arguments = ["--frames", f"--ffmpeg={ffmpeg}", "--max-seconds=5", "--min-seconds=1", "--skip-silence-seconds=2"]
    began = time.monotonic()
    with open(path, "rb") as recording:
        child = subprocess.Popen(
            [program, *arguments, "--longest-seconds=600"],
            stdin=recording, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, start_new_session=True,
        )  # fmt: skip
    output = bytearray()
    try:
        os.set_blocking(child.stdout.fileno(), False)
        while True:
            if select.select([child.stdout], [], [], 1)[0]:
                some = child.stdout.read(1 << 20)
                if not some:
                    break
                output += some
            if time.monotonic() - began > PATIENCE:
                raise Unsound(f"it has not ended after {PATIENCE} s")
            if len(output) > MOST_OUTPUT:
                raise Unsound("its output does not end")
        # Whoever held the pipe's end has closed it: what lives on now lingers.
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            if time.monotonic() - began > PATIENCE:
                raise Unsound("it said its end and lives on")
            time.sleep(0.001)
        child.returncode, usage = os.waitstatus_to_exitcode(ended[1]), ended[2]
        grace = time.monotonic() + 10
        while left := left_behind(child.pid):
            if time.monotonic() > grace:
                raise Unsound(f"it ended and left {len(left)} processes behind")
            time.sleep(0.01)
    finally:
        child.stdout.close()
        if child.returncode is None:
            child.kill()
            child.wait()
        for pid in left_behind(child.pid):
            os.kill(pid, signal.SIGKILL)
    if child.returncode < 0:
        raise Unsound(f"died of {signal.Signals(-child.returncode).name}")
    if child.returncode != 0:
        raise Unsound(f"ended with {child.returncode}")
    if usage.ru_maxrss > MOST_MEMORY:
        raise Unsound(f"took {usage.ru_maxrss >> 10} MiB of memory")
    return verdict(bytes(output), 16_000), time.monotonic() - began, usage.ru_maxrss


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("program", help="the built dropscribe-slice")
    words.add_argument("findings", type=Path, help="the folder that keeps what was found")
    words.add_argument("--seconds", type=float, default=60, help="how long to go on (60)")
    words.add_argument("--seed", default="1", help="what the damage is made from (1)")
    words.add_argument("--replay", metavar="KIND:NUMBER", help="one damaged recording again")
    options = words.parse_args()
    options.findings.mkdir(parents=True, exist_ok=True)
    ffmpeg = shutil.which("ffmpeg")
    work = options.findings / "work"
    whole = {path.name: path.read_bytes() for path in recordings.make(work, seconds=3, rate=16_000)}
    kinds, others = sorted(whole), list(whole.values())
    path = work / "damaged"

    def attempt(kind, number):
        dice = random.Random(f"{options.seed}/{kind}/{number}")
        # Number 0 is the whole recording, whose way must be clean.
        path.write_bytes(damaged(whole[kind], others, dice) if number else whole[kind])
        return slice_one(options.program, path, ffmpeg)

    if options.replay:
        kind, _, number = options.replay.rpartition(":")
        print(attempt(kind, int(number)))
        return 0

    verdicts, found, runs, number = Counter(), Counter(), 0, 0
    slowest, largest = (0.0, ""), (0, "")
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        for kind in kinds:
            if time.monotonic() >= end:
                break
            runs += 1
            try:
                said, seconds, memory = attempt(kind, number)
                verdicts[said] += 1
                slowest = max(slowest, (seconds, f"{kind}:{number}"))
                largest = max(largest, (memory, f"{kind}:{number}"))
                if number == 0 and said not in ("whole", "damaged"):
                    raise Unsound(f"the undamaged recording is {said}")
            except Unsound as fault:
                found[f"{fault}"] += 1
                kept = options.findings / f"{options.seed}-{number}-{kind}"
                shutil.copy(path, kept)
                print(f"FOUND in {kind}:{number}: {fault}; kept as {kept}", flush=True)
        number += 1
    counts = ", ".join(f"{count} {name}" for name, count in verdicts.most_common())
    print(f"{runs} recordings of {len(kinds)} kinds, seed {options.seed}: {counts or 'none'}")
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]}), largest {largest[0] >> 10} MiB ({largest[1]})")
    print(f"{sum(found.values())} findings: {dict(found)}" if found else "no findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
