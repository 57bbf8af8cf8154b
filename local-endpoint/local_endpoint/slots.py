"""A bounded queue before a few workers."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .errors import EndpointError


class Slots:
    """So many at work, so many waiting, and a 429 for everyone else. Lives on one event loop."""

    def __init__(self, workers: int, waiting: int):
        self._workers = workers
        self._most = workers + waiting
        self._inside = 0
        self._free = asyncio.Semaphore(workers)
        # The mean of the last few jobs, in seconds: what Retry-After is made of.
        self._usual_seconds = 3.0

    @property
    def inside(self) -> int:
        """How many are at work or waiting."""
        return self._inside

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for a worker, or raises 429 at once where too many wait already."""
        if self._inside >= self._most:
            seconds = max(1, math.ceil(self._usual_seconds))
            raise EndpointError(
                429,
                f"{self._inside} requests are at work or waiting, and no more fit. Try again in {seconds} s, "
                "or start the endpoint with a larger --queue.",
                "queue_full",
                headers={"Retry-After": str(seconds)},
            )
        self._inside += 1
        try:
            async with self._free:
                started = time.monotonic()
                yield
                took = time.monotonic() - started
                self._usual_seconds += (took - self._usual_seconds) / 8
        finally:
            self._inside -= 1
