"""python -m local_endpoint: loads a model, then answers on loopback until it is told to stop."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from . import __version__
from .server import Endpoint, Settings
from .translation import installed_pairs
from .weights import WeightsError, default_cache, locate

log = logging.getLogger("local_endpoint")

# From sysexits.h.
EX_UNAVAILABLE = 69
EX_CONFIG = 78


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for noisy in ("httpx", "faster_whisper", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # uvicorn finishes the requests at work and then raises the signal again: a stop that was asked for is no failure.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)

    key = options.key or os.environ.get("LOCAL_ENDPOINT_KEY") or None
    if key is None and not _is_loopback(options.host):
        print(
            f"--host {options.host} is not loopback: anybody there could use this machine. "
            "Set a key with LOCAL_ENDPOINT_KEY or --key.",
            file=sys.stderr,
        )
        return EX_CONFIG
    # The port is taken before the model loads, so that a used one is said at once.
    try:
        listener = _bind(options.host, options.port)
    except OSError as error:
        print(f"cannot listen on {options.host} port {options.port}: {_reason(error)}", file=sys.stderr)
        return EX_UNAVAILABLE
    with listener:
        try:
            recogniser = _load(options)
        except WeightsError as error:
            print(f"no model: {error}", file=sys.stderr)
            return EX_UNAVAILABLE
        endpoint = Endpoint(
            recogniser,
            Settings(
                key=key,
                workers=options.workers,
                queue=options.queue,
                max_bytes=options.max_bytes,
                max_seconds=options.max_seconds,
                usage_log=options.usage_log,
            ),
            installed_pairs(),
        )
        host, port = listener.getsockname()[:2]
        languages = ", ".join(sorted(endpoint.languages)) or "nothing"
        log.info("model %s, translates to: %s", recogniser.name, languages)
        config = uvicorn.Config(
            endpoint.app(),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=options.grace_seconds,
        )
        log.info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_endpoint",
        description="An offline chat-completions endpoint that transcribes and translates speech.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8765, help="port to listen on; 0 takes a free one (8765)")
    parser.add_argument(
        "--model",
        default="base",
        help="base, tiny.en, a CTranslate2 Whisper directory, or a hub name such as OWNER/NAME (base)",
    )
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where joined weights are kept")
    parser.add_argument("--key", help="key that requests must carry; LOCAL_ENDPOINT_KEY keeps it out of 'ps'")
    parser.add_argument("--workers", type=_positive, default=1, help="requests at work at a time (1)")
    parser.add_argument(
        "--threads", type=_positive, default=_cores(), help="processor threads, shared by the workers (all cores)"
    )
    parser.add_argument("--beam", type=_positive, default=5, help="beam size; 1 is faster and a little worse (5)")
    parser.add_argument("--queue", type=_natural, default=16, help="requests that may wait; more get 429 (16)")
    parser.add_argument("--max-bytes", type=_positive, default=25_000_000, help="largest body (25000000)")
    parser.add_argument("--max-seconds", type=float, default=600, help="longest audio (600)")
    parser.add_argument("--grace-seconds", type=_natural, default=30, help="how long a stop waits for work (30)")
    parser.add_argument("--usage-log", type=Path, help="append each answer's token counts to this file, as JSON lines")
    parser.add_argument("--version", action="version", version=__version__)
    return parser.parse_args(arguments)


def _load(options: argparse.Namespace):
    # Imported late: it takes half a second, and --help and a used port need none of it.
    from .speech import Recogniser

    path, name = locate(options.model, options.cache)
    try:
        return Recogniser(path, name=name, threads=options.threads, workers=options.workers, beam=options.beam)
    except (RuntimeError, ValueError, OSError) as error:
        raise WeightsError(f"{options.model} cannot be loaded: {error}") from None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Two sockets may be bound to one address as long as neither listens.
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is in use. Stop what uses it, or choose another with --port."
    if error.errno == errno.EACCES:
        return "ports below 1024 belong to root. Choose another with --port."
    return error.strerror or str(error)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return value


def _leave(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
