"""An offline endpoint that speaks chat completions with audio: Whisper behind the API that dropscribe sends to."""

__version__ = "0.1.0"
