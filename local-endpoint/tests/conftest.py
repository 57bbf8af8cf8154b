from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


@dataclass
class Server:
    """The endpoint as a person starts it."""

    url: str
    usage_log: Path
    process: subprocess.Popen


def start(usage_log: Path, *arguments: str, **environment: str) -> Server:
    import os

    process = subprocess.Popen(
        [sys.executable, "-m", "local_endpoint", "--port", "0", "--usage-log", str(usage_log), *arguments],
        cwd=HERE.parent,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        found = re.search(r"listening on (http://\S+)", line)
        if found:
            return Server(found.group(1), usage_log, process)
    raise AssertionError(f"the endpoint ended with {process.wait()} before it listened")


@pytest.fixture(scope="session")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Whisper base behind HTTP, in a process of its own."""
    server = start(tmp_path_factory.mktemp("endpoint") / "usage.jsonl")
    yield server
    server.process.terminate()
    # Read to the end, so that a full pipe cannot keep it from ending.
    server.process.communicate(timeout=60)
