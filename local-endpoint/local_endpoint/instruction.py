"""What the user's text asks for. Whisper follows no instructions, so the words are read here, by plain rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import invalid

# The languages that a request may name, with their ISO 639-1 codes. Which of them can be answered is the
# translator's affair; a language that is not even here is answered with the same 400.
LANGUAGES = {
    "afrikaans": "af", "arabic": "ar", "armenian": "hy", "basque": "eu", "bengali": "bn", "bulgarian": "bg",
    "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl",
    "english": "en", "estonian": "et", "farsi": "fa", "finnish": "fi", "french": "fr", "galician": "gl",
    "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "icelandic": "is",
    "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja", "korean": "ko", "latin": "la",
    "latvian": "lv", "lithuanian": "lt", "malay": "ms", "mandarin": "zh", "norwegian": "no", "persian": "fa",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk",
    "slovenian": "sl", "spanish": "es", "castilian": "es", "español": "es", "swahili": "sw", "swedish": "sv",
    "tagalog": "tl", "tamil": "ta", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi", "welsh": "cy",
}  # fmt: skip

# "Latin American Spanish" is no Latin.
_LANGUAGE = "|".join(sorted(LANGUAGES, key=len, reverse=True)).replace("latin", r"latin(?!\s+america)")
# "Do not translate it." and "do not add comments or translate": a few words may stand between, no other clause.
# What follows the word up to the clause's end goes with it, so that "don't translate to English" names no target.
_NEGATED = re.compile(
    r"\b(?:(?:don['’]t|mustn['’]t|shouldn['’]t|can['’]?not|never|not(?!\s+only)|no)(?:\s+[\w'’]+){0,4}?"
    r"|(?:without|rather than|instead of)(?:\s+a|\s+any)?)\s+translat\w*[^.!?;:,\n]*"
)
_ANY_TRANSLATION = re.compile(r"\btranslat\w*")
_VERB = re.compile(r"\btranslate\b")
_NOUN_AFTER = re.compile(rf"\b({_LANGUAGE})\s+translation")
# Up to three words may stand between the preposition and the language: "into simple Latin American Spanish".
# "To" reaches over sentences; "in" does not, for "The speakers talk in German." names no target.
_TARGETS = [
    re.compile(rf"\b(?:in)?to\s+(?:[\w'-]+\s+){{0,3}}?({_LANGUAGE})\b"),
    re.compile(rf"^[^.!?]*?\bin\s+(?:[\w'-]+\s+){{0,3}}?({_LANGUAGE})\b"),
]
_UNKNOWN_TARGET = re.compile(r"\btranslat\w*\b[^.!?\n]*?\b(?:in)?to\s+(?!(?:the|a|an|text)\b)([\w'-]+)")
_TRANSCRIPTION = re.compile(
    r"\btranscri\w*|\bverbatim\b|\bwrite (?:it )?down\b|\bspeech to text\b|\bword for word\b|\bwhat (?:is|was) said\b"
)
_OTHER_WORK = re.compile(r"\b(?:summar\w+|minutes|bullet points|key points|classify|describe|action items)\b")


@dataclass(frozen=True)
class Wish:
    """What the reply shall be: the words as they were said, or in ``language``, or both with ``<sep>`` between."""

    language: str | None = None
    with_original: bool = False


def read_wish(text: str, available: dict[str, str]) -> Wish:
    """Reads the user's text. ``available`` has the languages that can be translated to, code to label.

    A translation counts only where it is asked for: "Do not translate it." asks for none, and a translation
    without a language beside a transcription ("… for translating and transcribing …") is only small talk.
    """
    words = " ".join(text.lower().split())
    wanted = _NEGATED.sub(" ", words)
    transcription = _TRANSCRIPTION.search(wanted) is not None
    if _ANY_TRANSLATION.search(wanted):
        language = _target(wanted)
        if language is not None:
            if language not in available:
                raise _cannot_translate(language, available)
            return Wish(language, with_original=transcription and "<sep>" in wanted)
        if not transcription and _VERB.search(wanted):
            raise _cannot_translate(_unknown_target(wanted), available)
    if not transcription and _OTHER_WORK.search(words):
        raise invalid(
            "this endpoint transcribes speech and translates it; it follows no other instruction. "
            "Ask for a transcription, or send the request to a model that can.",
            "unsupported_instruction",
            "messages",
        )
    return Wish()


def _target(text: str) -> str | None:
    # Only what follows the word counts, else "the Spanish audio, translated to English" would be Spanish.
    noun = _NOUN_AFTER.search(text)
    if noun:
        return LANGUAGES[noun.group(1)]
    after = text[_ANY_TRANSLATION.search(text).end() :]
    for pattern in _TARGETS:
        found = pattern.search(after)
        if found:
            return LANGUAGES[found.group(1)]
    return None


def _unknown_target(text: str) -> str | None:
    found = _UNKNOWN_TARGET.search(text)
    return found.group(1) if found else None


def _cannot_translate(language: str | None, available: dict[str, str]) -> Exception:
    names = {code: name for name, code in reversed(LANGUAGES.items())}
    have = ", ".join(sorted(f"{names[code].capitalize()} ({label})" for code, label in available.items()))
    asked = f"to {names.get(language, language).capitalize()} " if language else "without naming a language "
    return invalid(
        f"this endpoint was asked to translate {asked}and cannot. It can translate to: {have or 'nothing'}."
        + ("" if "es" in available else " Install apertium and apertium-eng-spa for Spanish."),
        "unsupported_language",
        "messages",
    )
