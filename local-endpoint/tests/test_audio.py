import struct
import subprocess

import numpy as np
import pytest
from local_endpoint import audio
from local_endpoint.errors import EndpointError
from support import wav


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_of_any_rate_becomes_16_khz_mono(rate, channels):
    samples = audio.decode(wav(2.0, rate, channels, level=0.5), "wav", 600)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 32_000) < 400
    assert 0.45 < np.abs(samples[2000:-2000]).max() < 0.55


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_an_mp3_is_decoded(tmp_path, rate):
    source = tmp_path / "a.wav"
    source.write_bytes(wav(3.0, rate, level=0.5))
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", source, tmp_path / "a.mp3"], check=True)
    samples = audio.decode((tmp_path / "a.mp3").read_bytes(), "mp3", 600)
    assert abs(len(samples) / 16_000 - 3) < 0.1
    assert 0.4 < np.abs(samples[4000:-4000]).max() < 0.6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        wav()[:30],
        wav(0.0),
        bytes(range(256)) * 40,
    ],
)
@pytest.mark.parametrize("container", ["wav", "mp3"])
def test_what_is_not_audio_is_refused(data, container):
    with pytest.raises(EndpointError) as caught:
        audio.decode(data, container, 600)
    assert (caught.value.status, caught.value.code) == (400, "invalid_audio")


def test_the_container_must_be_the_one_that_was_named():
    with pytest.raises(EndpointError) as caught:
        audio.decode(wav(), "mp3", 600)
    assert "not mp3" in caught.value.message


def test_a_wav_whose_end_is_missing_gives_what_is_there():
    whole = wav(2.0, level=0.5)
    samples = audio.decode(whole[: len(whole) // 2], "wav", 600)
    assert 14_000 < len(samples) < 17_000


def test_longer_audio_than_allowed_is_too_large():
    with pytest.raises(EndpointError) as caught:
        audio.decode(wav(3.0), "wav", 2)
    assert (caught.value.status, caught.value.code) == (413, "audio_too_long")


def test_samples_that_are_no_numbers_become_silence():
    values = np.array([0.5, np.nan, np.inf, -np.inf, 4.0] * 3200, dtype="<f4").tobytes()
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16_000, 64_000, 4, 32)
    body = head + b"data" + struct.pack("<I", len(values)) + values
    samples = audio.decode(b"RIFF" + struct.pack("<I", len(body)) + body, "wav", 600)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1
