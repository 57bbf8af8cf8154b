"""From English onwards: Apertium, a rule-based translator from Debian. Rough, offline, and labelled as what it is."""

from __future__ import annotations

import shutil
import subprocess

from .errors import EndpointError

_PAIRS = {"es": "eng-spa"}
_SECONDS = 60


def installed_pairs() -> dict[str, str]:
    """The languages that Apertium can translate English to here, code to pair."""
    program = shutil.which("apertium")
    if program is None:
        return {}
    listed = subprocess.run(
        [program, "-l"], capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, check=False
    )
    modes = set(listed.stdout.split())
    return {code: pair for code, pair in _PAIRS.items() if pair in modes}


def translate(text: str, pair: str) -> str:
    """English to the pair's language; words that it does not know stay as they are."""
    if not text:
        return ""
    try:
        done = subprocess.run(
            ["apertium", "-u", pair], input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        # The reason is named, not quoted: what Apertium prints may hold the text.
        raise EndpointError(
            500, f"apertium {pair} failed ({type(error).__name__}). Is apertium-eng-spa whole?", "translation_failed"
        ) from None
    return " ".join(done.stdout.split())
