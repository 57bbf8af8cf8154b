"""Bytes to samples. The decoder is told the container, so that nothing sniffs its way into playlists."""

from __future__ import annotations

import io

import av
import numpy as np

from .errors import EndpointError, invalid

SAMPLE_RATE = 16_000


def decode(data: bytes, container: str, longest_seconds: float) -> np.ndarray:
    """Mono float samples at 16 kHz. Raises 400 for what is not the container that the request named."""
    _check_first_bytes(data, container)
    chunks: list[np.ndarray] = []
    samples = 0
    limit = int(longest_seconds * SAMPLE_RATE)
    try:
        with av.open(io.BytesIO(data), format=container, metadata_errors="ignore") as source:
            if not source.streams.audio:
                raise invalid("the audio holds no audio stream.", "invalid_audio", "messages")
            # Channels are averaged here: the resampler's own down-mix of floats is 3 dB louder, and clips.
            resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
            for frame in _frames(source):
                # A broken stream's timestamps would make the resampler insert or drop samples.
                if frame is not None:
                    frame.pts = None
                for piece in resampler.resample(frame):
                    chunk = piece.to_ndarray().mean(axis=0)
                    samples += len(chunk)
                    if samples > limit:
                        raise EndpointError(
                            413,
                            f"the audio is longer than {longest_seconds:g} s. Send shorter clips, "
                            "or start the endpoint with a larger --max-seconds.",
                            "audio_too_long",
                            "messages",
                        )
                    chunks.append(chunk)
    except (av.error.FFmpegError, ValueError) as error:
        raise invalid(
            f"the audio cannot be decoded as {container} ({type(error).__name__}).", "invalid_audio", "messages"
        ) from None
    if not chunks:
        raise invalid("the audio holds no samples.", "invalid_audio", "messages")
    audio = np.concatenate(chunks)
    # A NaN in a float WAV would spoil the whole window.
    return np.nan_to_num(audio, copy=False, nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)


def _frames(source: av.container.InputContainer):
    """The frames that can be decoded, then None to flush the resampler. A damaged packet costs itself alone."""
    for packet in source.demux(audio=0):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue
    yield None


def _check_first_bytes(data: bytes, container: str) -> None:
    if container == "wav":
        good = data[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and data[8:12] == b"WAVE"
    else:
        good = data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0)
    if not good:
        raise invalid(f"the audio is not {container}: its first bytes say otherwise.", "invalid_audio", "messages")
