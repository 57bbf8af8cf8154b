"""A chat completions endpoint that answers everything alike, and says when each request came.

It prints its port, then one JSON line for each request once it is answered: path, first and last (CLOCK_MONOTONIC in
nanoseconds when the request's first and last bytes were read), replied, bytes (of the body), in_flight (requests
begun and not yet answered, this one included). Any program on the same machine can compare these times with its own.
"""

import argparse
import asyncio
import json
import re
import sys
import time

REPLY = json.dumps(
    {
        "id": "stub",
        "object": "chat.completion",
        "model": "stub",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Words were said."}}
        ],
        "usage": {"prompt_tokens": 77, "completion_tokens": 7, "total_tokens": 84},
    }
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(REPLY)


class Connection(asyncio.Protocol):
    """One connection. Bodies are counted and forgotten; a second request before the reply is no case here."""

    in_flight = 0

    def __init__(self, delay):
        self.delay = delay
        self.head = bytearray()
        self.missing = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        now = time.monotonic_ns()
        if self.missing is None:
            if not self.head:
                self.first = now
                Connection.in_flight += 1
                self.crowd = Connection.in_flight
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = bytes(self.head[:end])
            self.path = lines.split(b" ", 2)[1].decode()
            self.bytes = int(re.search(rb"(?i)\ncontent-length: *(\d+)", lines).group(1))
            if re.search(rb"(?i)\nexpect: *100-continue", lines):
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.missing = self.bytes - (len(self.head) - end - 4)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            self.last = now
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.reply)
            else:
                self.reply()

    def reply(self):
        self.transport.write(HEAD + REPLY)
        Connection.in_flight -= 1
        line = {
            "path": self.path,
            "first": self.first,
            "last": self.last,
            "replied": time.monotonic_ns(),
            "bytes": self.bytes,
            "in_flight": self.crowd,
        }
        self.head.clear()
        self.missing = None
        print(json.dumps(line), flush=True)


async def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--delay", type=float, default=0, help="seconds from a request's last byte to its reply")
    delay = arguments.parse_args().delay
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(delay), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with the program that started it, which holds the other end of standard input.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
