"""The offline endpoint as a child, and what it heard: kept from run to run, since Whisper takes its time and an
unchanged clip has an unchanged text."""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from bench import HERE, WORK, end

INSTRUCTION = "Transcribe the audio clip into text."
# Each has one thread: two for one request would wait for each other where the machine is shared.
WORKERS = os.cpu_count()


class Listener:
    """Started with the first clip that was never heard."""

    def __init__(self):
        folder = os.environ.get("TMPDIR", tempfile.gettempdir())
        self.path = pathlib.Path(folder) / "dropscribe-benchmark-heard.jsonl"
        self.texts = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_text().splitlines():
                # A run that was killed may have left half a line.
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    self.texts[said["key"]] = said["text"]
        self.lock = threading.Lock()
        self.child = None
        self.asked = 0

    def hear(self, clips):
        """The texts of `clips`, the bytes of a WAV file each, in their order."""
        new = {self._key(clip): clip for clip in clips if self._key(clip) not in self.texts}
        if new:
            self._start()
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(self._ask, new.keys(), new.values()))
        return [self.texts[self._key(clip)] for clip in clips]

    @staticmethod
    def _key(clip):
        return hashlib.sha256(b"base, beam 5\n" + INSTRUCTION.encode() + b"\n" + clip).hexdigest()

    def _ask(self, key, clip):
        content = [
            {"type": "text", "text": INSTRUCTION},
            {"type": "input_audio", "input_audio": {"data": base64.b64encode(clip).decode(), "format": "wav"}},
        ]
        body = json.dumps({"model": "base", "messages": [{"role": "user", "content": content}]})
        request = urllib.request.Request(
            f"{self.address}/v1/chat/completions", body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=3600) as reply:
            text = json.load(reply)["choices"][0]["message"]["content"]
        with self.lock, self.path.open("a") as file:
            self.texts[key] = text
            self.asked += 1
            file.write(json.dumps({"key": key, "text": text}) + "\n")

    def _start(self):
        if self.child:
            return
        log = WORK / "endpoint.log"
        command = [sys.executable, "-m", "local_endpoint", "--port", "0", "--max-seconds", "3600"]
        command += ["--max-bytes", "200000000", "--workers", str(WORKERS), "--threads", str(WORKERS)]
        place = HERE.parent / "local-endpoint"
        with log.open("wb") as file:
            self.child = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stderr=file)
        while not (found := re.search(r"listening on (http:\S+)", log.read_text())):
            if self.child.poll() is not None:
                sys.exit(f"error: the offline endpoint did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        self.address = found[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child:
            end(self.child)
