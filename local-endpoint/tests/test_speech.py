"""Real speech through the real model, started as a person starts it."""

import importlib.util
import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from conftest import HERE, start
from support import question, wav, word_error_rate

pytestmark = pytest.mark.speech

TWO_CITIES = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing
before us, we were all going direct to Heaven, we were all going direct the other way – in short, the period was so
far like the present period, that some of its noisiest authorities insisted on its being received, for good or for
evil, in the superlative degree of comparison only.
"""
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


def recording(name):
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None, "install requirements-speech.txt"
    return (Path(spec.submodule_search_locations[0]) / "assets" / name).read_bytes()


def ask(server, *arguments, **options):
    reply = httpx.post(server.url + "/models/chat/completions", json=question(*arguments, **options), timeout=300)
    assert reply.status_code == 200, reply.text
    return reply.json()


def content(reply):
    return reply["choices"][0]["message"]["content"]


def espeak(path, text):
    subprocess.run(["espeak-ng", "-w", path, text], check=True)
    return path.read_bytes()


def test_a_long_recording_is_transcribed_with_few_wrong_words(whisper):
    reply = ask(whisper, recording("two_cities.wav"))
    assert word_error_rate(TWO_CITIES, content(reply)) <= 0.05
    assert reply["model"] == "whisper-base"
    assert reply["usage"]["prompt_tokens_details"]["audio_tokens"] == 555


def test_an_mp3_is_heard_as_well_as_a_wav(whisper, tmp_path):
    source = tmp_path / "beckett.wav"
    source.write_bytes(recording("beckett.wav"))
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", source, tmp_path / "beckett.mp3"], check=True)
    reply = ask(whisper, (tmp_path / "beckett.mp3").read_bytes(), container="mp3")
    assert word_error_rate(BECKETT, content(reply)) <= 0.1


def test_do_not_translate_is_no_translation(whisper):
    reply = ask(whisper, recording("beckett.wav"), "Transcribe the speech. Do not translate it.")
    assert word_error_rate(BECKETT, content(reply)) <= 0.1


def test_the_articles_request_is_answered_in_spanish(whisper, tmp_path):
    assert shutil.which("apertium"), "install apertium-eng-spa"
    audio = espeak(tmp_path / "hello.wav", "Hello. How are you?")
    reply = ask(whisper, audio, "Please translate this audio snippet to spanish.")
    assert "hola" in content(reply).lower()
    assert "cómo" in content(reply).lower()
    assert reply["model"] == "whisper-base+apertium-eng-spa"


def test_both_texts_can_be_asked_for(whisper, tmp_path):
    audio = espeak(tmp_path / "hello.wav", "Hello. How are you?")
    text = "Transcribe the audio to text, and then translate the audio to Spanish. Use <sep> as a separator."
    original, _, translated = content(ask(whisper, audio, text)).partition(" <sep> ")
    assert "hello" in original.lower()
    assert "hola" in translated.lower()


@pytest.mark.parametrize("level", [0.0, 0.3])
@pytest.mark.parametrize("seconds", [0.2, 1.0, 8.0])
def test_silence_and_a_tone_give_no_words(whisper, level, seconds):
    reply = ask(whisper, wav(seconds, level=level))
    assert content(reply) == ""
    assert reply["usage"]["completion_tokens"] == 0


def test_every_answer_is_in_the_usage_log(whisper):
    reply = ask(whisper, recording("beckett.wav"))
    lines = {line["id"]: line for line in map(json.loads, whisper.usage_log.read_text().splitlines())}
    assert lines[reply["id"]]["total_tokens"] == reply["usage"]["total_tokens"]
    assert lines[reply["id"]]["completion_tokens"] > 10


def test_a_used_port_is_said_at_once(whisper):
    port = whisper.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "local_endpoint", "--port", port], cwd=HERE.parent, capture_output=True, text=True
    )
    assert done.returncode == 69
    assert f"port {port}: the port is in use" in done.stderr


def test_an_address_that_others_reach_needs_a_key():
    done = subprocess.run(
        [sys.executable, "-m", "local_endpoint", "--host", "0.0.0.0", "--port", "0"],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 78
    assert "LOCAL_ENDPOINT_KEY" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_that_was_asked_for_ends_it_with_success(tmp_path, stop):
    server = start(tmp_path / "usage.jsonl")
    server.process.send_signal(stop)
    _, log = server.process.communicate(timeout=60)
    assert server.process.returncode == 0, log
    assert "Traceback" not in log
    host, port = server.url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
