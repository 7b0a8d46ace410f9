"""What goes wrong between us and a platform, in the middle of an answer or before it."""

import asyncio
import random
from dataclasses import dataclass
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Fault(StrEnum):
    LIMITED = "429"
    BROKEN = "500"
    AWAY = "503"
    TRUNCATED = "half of the JSON"
    PAGE = "an HTML error page with status 200"
    CUT = "the connection ends in mid-body"
    HANGS_UP = "the connection ends before the answer"
    SLOW = "the answer comes in drops"


PAGE = b"<!doctype html><title>Bad gateway</title><h1>We will be right back</h1>"


@dataclass
class Faulty:
    """``app`` that fails in a share ``rate`` of its answers, and ends each websocket after some messages."""

    app: ASGIApp
    rate: float
    chance: random.Random

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._cut_off(scope, receive, send)
        elif scope["type"] != "http" or self.chance.random() >= self.rate:
            await self.app(scope, receive, send)
        else:
            await self._fail(self.chance.choice(list(Fault)), scope, receive, send)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault:
            case Fault.LIMITED:
                await _answer(send, 429, b"slow down", [(b"retry-after", b"1")])
            case Fault.BROKEN | Fault.AWAY:
                await _answer(send, int(fault.value), PAGE)
            case Fault.PAGE:
                await _answer(send, 200, PAGE, [(b"content-type", b"text/html")])
            case Fault.HANGS_UP:
                raise ConnectionAbortedError(fault)
            case _:
                start, body = await _whole(self.app, scope, receive)
                await _spoilt(fault, start, body, send)

    async def _cut_off(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self.chance.randrange(20, 400) if self.rate else None

        async def counted(message: Message) -> None:
            nonlocal left
            if left is not None and message["type"] == "websocket.send":
                left -= 1
                if left < 0:
                    raise ConnectionAbortedError("cut off")
            await send(message)

        await self.app(scope, receive, counted)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*(headers or []), length]})
    await send({"type": "http.response.body", "body": body})


async def _whole(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The answer of ``app``; of one without an end, the beginning."""
    start: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        else:
            body.extend(message.get("body", b""))

    with_end = asyncio.ensure_future(app(scope, receive, keep))
    await asyncio.wait([with_end], timeout=2.0)
    with_end.cancel()
    return start, bytes(body)


async def _spoilt(fault: Fault, start: Message, body: bytes, send: Send) -> None:
    half = body[: len(body) // 2]
    headers = [(name, value) for name, value in start.get("headers", []) if name.lower() != b"content-length"]
    told = half if fault is Fault.TRUNCATED else body
    await send({**start, "headers": [*headers, (b"content-length", str(len(told)).encode())]})
    if fault is Fault.TRUNCATED:
        await send({"type": "http.response.body", "body": half})
    elif fault is Fault.CUT:
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionAbortedError(fault)
    else:
        size = max(1, len(body) // 5)
        for begin in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[begin : begin + size], "more_body": True})
            await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b""})
