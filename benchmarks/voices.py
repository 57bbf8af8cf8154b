"""Synthetic speakers whose every word's time is known: flite and espeak-ng, asked through their libraries for the
segments that they speak."""

import ctypes
import functools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spoken:
    """A sentence: mono samples (full scale is 1) at `rate`, and of each word its beginning and end in seconds."""

    samples: np.ndarray
    rate: int
    words: list


def speak(voice, text, pace):
    """`voice` is "flite slt" or "espeak en-us"; `pace` is a multiple of the voice's own. The text's words are in
    lower case, apart by single spaces, with commas and a full stop."""
    engine, name = voice.split(" ")
    spoken = {"flite": _flite, "espeak": _espeak}[engine](name, text, pace)
    said, wanted = [word for word, _, _ in spoken.words], text.replace(",", "").rstrip(".?").split(" ")
    if said != wanted:
        raise SystemExit(f"error: {voice} was to say {wanted} and says that it said {said}")
    return spoken


# flite


class _Wave(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


class _Voice(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("features", ctypes.c_void_p)]


@functools.cache
def _flite_library():
    library = ctypes.CDLL("libflite.so.1", ctypes.RTLD_GLOBAL)
    library.utt_wave.restype = ctypes.POINTER(_Wave)
    for name in ["flite_synth_text", "utt_relation", "relation_head", "item_next", "path_to_item"]:
        getattr(library, name).restype = ctypes.c_void_p
    for name in ["utt_wave", "relation_head", "item_next", "delete_utterance"]:
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.flite_synth_text.argtypes = [ctypes.c_char_p, ctypes.POINTER(_Voice)]
    library.utt_relation.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.path_to_item.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.item_feat_float.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.item_feat_float.restype = ctypes.c_float
    library.item_feat_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.item_feat_string.restype = ctypes.c_char_p
    library.feat_set_float.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float]
    library.flite_init()
    return library


@functools.cache
def _flite_voice(name):
    for needed in ["usenglish", "cmulex"]:
        ctypes.CDLL(f"libflite_{needed}.so.1", ctypes.RTLD_GLOBAL)
    register = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1")[f"register_cmu_us_{name}"]
    register.restype = ctypes.POINTER(_Voice)
    register.argtypes = [ctypes.c_char_p]
    return register(None)


def _flite(name, text, pace):
    library, voice = _flite_library(), _flite_voice(name)
    library.feat_set_float(voice.contents.features, b"duration_stretch", 1 / pace)
    utterance = library.flite_synth_text(text.encode(), voice)
    wave = library.utt_wave(utterance).contents
    samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).astype(np.float32) / 32768
    words, last, begin = [], None, 0.0
    segment = library.relation_head(library.utt_relation(utterance, b"Segment"))
    while segment:
        end = library.item_feat_float(segment, b"end")
        word = library.path_to_item(segment, b"R:SylStructure.parent.parent")
        if word and library.item_feat_string(segment, b"name") != b"pau":
            if word != last:
                words.append([library.item_feat_string(word, b"name").decode(), begin, end])
                last = word
            words[-1][2] = end
        begin = end
        segment = library.item_next(segment)
    rate = wave.sample_rate
    library.delete_utterance(utterance)
    return Spoken(samples, rate, [tuple(word) for word in words])


# espeak-ng


class _Identifier(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identifier),
    ]


_TOLD = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
_WORD, _END, _PHONEME = 1, 5, 7
_heard = {"samples": [], "events": []}


@_TOLD
def _told(samples, count, events):
    if samples and count:
        _heard["samples"].append(np.ctypeslib.as_array(samples, (count,)).copy())
    index = 0
    while events[index].type:
        event = events[index]
        phoneme = event.id.string if event.type == _PHONEME else b""
        _heard["events"].append((event.type, event.text_position - 1, event.audio_position / 1000, phoneme))
        index += 1
    return 0


@functools.cache
def _espeak_library():
    library = ctypes.CDLL("libespeak-ng.so.1")
    retrieval, phoneme_events = 1, 1
    rate = library.espeak_Initialize(retrieval, 500, None, phoneme_events)
    library.espeak_SetSynthCallback(_told)
    return library, rate


def _espeak(name, text, pace):
    library, rate = _espeak_library()
    _heard.update(samples=[], events=[])
    library.espeak_SetVoiceByName(name.encode())
    speaking_rate, by_character, utf8 = 1, 1, 1
    library.espeak_SetParameter(speaking_rate, round(170 * pace), 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, len(data), 0, by_character, 0, utf8, None, None)
    library.espeak_Synchronize()
    samples = np.concatenate(_heard["samples"]).astype(np.float32) / 32768
    return Spoken(samples, rate, _espeak_words(text, _heard["events"], len(samples) / rate))


def _espeak_words(text, events, length):
    """Where espeak-ng says words as one ("of the"), each gets its part of the time by its letters."""
    places, position = [], 0
    for word in text.split(" "):
        places.append((position, word.strip(",.?")))
        position += len(word) + 1
    starts = {}
    for kind, place, time, _ in events:
        if kind == _WORD:
            starts.setdefault(place, time)
    pauses = [time for kind, _, time, name in events if kind == _PHONEME and name.startswith(b"_")]
    words, index = [], 0
    while index < len(places):
        group = [places[index]]
        while index + len(group) < len(places) and places[index + len(group)][0] not in starts:
            group.append(places[index + len(group)])
        index += len(group)
        begin = starts[group[0][0]]
        end = starts[places[index][0]] if index < len(places) else length
        end = min([end, *(time for time in pauses if begin < time)])
        letters, at = sum(len(word) for _, word in group), begin
        for _, word in group:
            words.append((word, at, at + (end - begin) * len(word) / letters))
            at = words[-1][2]
    return words
