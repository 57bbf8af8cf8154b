"""A short recording in every kind of file that dropscribe takes: what the fuzzers begin with."""

import subprocess
import sys
from pathlib import Path

# Bursts of a tone that sweeps, and a pause, so that there is something to cut.
SOUND = "aevalsrc='0.3*sin(2*PI*(200+300*t)*t)*lt(mod(t,1.4),0.9)':s={rate}:d={seconds}"
PICTURE = "testsrc=size=32x32:rate=5:duration={seconds}"

# Name of the file, and what ffmpeg is told. "VIDEO" puts a picture beside the sound.
FFMPEG = {
    "u8.wav": "-c:a pcm_u8",
    "s16.wav": "-c:a pcm_s16le",
    "s24.wav": "-c:a pcm_s24le",
    "s32.wav": "-c:a pcm_s32le",
    "f32.wav": "-c:a pcm_f32le",
    "f64.wav": "-c:a pcm_f64le",
    "alaw.wav": "-c:a pcm_alaw",
    "mulaw.wav": "-c:a pcm_mulaw",
    "ima.wav": "-c:a adpcm_ima_wav",
    "ms.wav": "-c:a adpcm_ms",
    "gsm.wav": "-c:a libgsm_ms -ac 1 -ar 8000",
    "six.wav": "-c:a pcm_s16le -ac 6",
    "large.rf64": "-c:a pcm_s16le -rf64 always -f wav",
    "s16.w64": "-c:a pcm_s16le -f w64",
    "s16.aiff": "-c:a pcm_s16be",
    "f32.aiff": "-c:a pcm_f32be",
    "ima.aiff": "-c:a adpcm_ima_qt -ac 1",
    "s16.au": "-c:a pcm_s16be",
    "mulaw.au": "-c:a pcm_mulaw",
    "f32.au": "-c:a pcm_f32be",
    "s16.caf": "-c:a pcm_s16be",
    "mulaw.caf": "-c:a pcm_mulaw",
    "alac.caf": "-c:a alac",
    "ima.caf": "-c:a adpcm_ima_qt -ac 1",
    "s16.flac": "-c:a flac -sample_fmt s16",
    "s24.flac": "-c:a flac -sample_fmt s32",
    "vorbis.ogg": "-c:a libvorbis",
    "flac.ogg": "-c:a flac",
    "speex.ogg": "-c:a libspeex -ar 16000 -ac 1",
    "voice.opus": "-c:a libopus -ar 48000",
    "cbr.mp3": "-c:a libmp3lame -b:a 64k",
    "tagged.mp3": "-c:a libmp3lame -q:a 6 -metadata title=Sweep -id3v2_version 4",
    "layer2.mp2": "-c:a mp2 -ar 44100",
    "aac.m4a": "-c:a aac",
    "fast.m4a": "-c:a aac -movflags +faststart",
    "alac.m4a": "-c:a alac",
    "aac.3gp": "-c:a aac -ac 1 -f 3gp",
    "film.mp4": "VIDEO -c:v mpeg4 -c:a aac",
    "pieces.mp4": "-c:a aac -movflags +frag_keyframe+empty_moov -frag_duration 200000",
    "film.mov": "VIDEO -c:v mpeg4 -c:a pcm_s16le",
    "voice.webm": "-c:a libopus -ar 48000",
    "vorbis.webm": "-c:a libvorbis",
    "flac.mka": "-c:a flac",
    "film.mkv": "VIDEO -c:v mpeg4 -c:a libmp3lame",
    "voice.wma": "-c:a wmav2 -ar 44100",
    "stream.aac": "-c:a aac -f adts",
    "stream.ac3": "-c:a ac3 -ar 44100",
    "stream.eac3": "-c:a eac3 -ar 44100",
    "film.avi": "VIDEO -c:v mpeg4 -c:a libmp3lame -ar 44100",
    "film.flv": "VIDEO -c:v flv1 -c:a libmp3lame -ar 44100",
    "film.ts": "VIDEO -c:v mpeg2video -r 25 -c:a mp2 -ar 44100 -f mpegts",
    "film.mpg": "VIDEO -c:v mpeg2video -r 25 -c:a mp2 -ar 44100 -f mpeg",
    "voice.wv": "-c:a wavpack",
    "voice.tta": "-c:a tta",
}

# What other programs write that ffmpeg does not; {source} is a WAV.
OTHERS = {
    "rifx.wav": "sox -B {source} -t wav {target}",
    "ulaw.aifc": "sox {source} -e mu-law -t aifc {target}",
    "voice.amr": "sox {source} -r 8000 -c 1 -t amr-nb {target}",
    "vbr.mp3": "lame --quiet -V 5 {source} {target}",
    # Without the index that tells how long it is.
    "plain.mp3": "lame --quiet -t -V 5 {source} {target}",
}

# AMR-WB, which nothing in Debian encodes: frames of 6.6 kbit/s whose bits are noise, as the format allows.
AMR_WB = b"#!AMR-WB\n" + b"".join(bytes([4, *((7 * n + 31 * i) % 256 for i in range(17))]) for n in range(50))


def make(folder, seconds, rate, channels=2):
    """Writes the recordings into folder and returns their paths, those that this machine can make."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "source.wav"
    quiet = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    sound = ["-f", "lavfi", "-i", SOUND.format(rate=rate, seconds=seconds)]
    picture = ["-f", "lavfi", "-i", PICTURE.format(seconds=seconds)]
    exact = ["-fflags", "+bitexact", "-flags", "+bitexact"]
    subprocess.run([*quiet, *sound, "-ac", str(channels), *exact, source], check=True)
    made = []
    for name, options in FFMPEG.items():
        words = options.split()
        inputs = [*sound, *(picture if words[0] == "VIDEO" else [])]
        words = ["-ac", str(channels), *[word for word in words if word != "VIDEO"], *exact]
        _try([*quiet, *inputs, *words, folder / name], folder / name, made)
    for name, command in OTHERS.items():
        words = [word.format(source=source, target=folder / name) for word in command.split()]
        _try(words, folder / name, made)
    source.unlink()
    made.append(folder / "voice.awb")
    made[-1].write_bytes(AMR_WB)
    return made


def _try(command, target, made):
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        made.append(target)
    except (subprocess.CalledProcessError, FileNotFoundError) as failure:
        reason = getattr(failure, "stderr", b"") or str(failure).encode()
        print(f"not made: {target.name}: {reason.decode(errors='replace').strip()[:200]}", file=sys.stderr)
        target.unlink(missing_ok=True)


if __name__ == "__main__":
    folder, seconds, rate = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    print(f"{len(make(folder, seconds, rate))} kinds of recording in {folder}")
