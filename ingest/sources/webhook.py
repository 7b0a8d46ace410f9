"""Whatever can send a signed HTTP request: acts of the contract, one, a list, or one a line.

Signed by Standard Webhooks 1.0.0, checked with its library: a wrong signature, or a time more than five minutes off, is
refused. The answer is 202 only when Kafka has everything; until then, and when anything fails, the sender keeps it and
sends again. What is no act of the contract is a dead letter, and the sender is told how many were.
"""

import asyncio
import base64
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec
import uvicorn
from msgspec import Meta, Struct
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from events import Interaction, Invalid, decode_interaction
from ingest.dead import DeadLetter, dead_letter
from ingest.errors import Refused
from ingest.secret import Secret, SecretError
from ingest.source import Cursor, Page, Setting, Source

CANNOT = "what is not sent"

QUIET = 5.0  # seconds after which an empty page says that we still listen
TOGETHER = 1_000  # acts of one page, unless one request has more
LARGEST = 4_000_000  # bytes of one request
WAITING = 200  # requests; more are told to come again
SHORTEST_KEY = 24  # bytes
PATIENCE = 25.0  # seconds; senders give up after thirty


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``secret`` holds ``whsec_…``; two of them, on two lines, while the sender changes from one to the other."""

    secret: Secret
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8088
    path: Annotated[str, Meta(pattern="^/")] = "/"


def sources(settings: Settings, setting: Setting) -> list[Source]:
    keys = [_key(secret, setting.name) for secret in settings.secret.read().split()]
    return [WebhookIn(setting.name, settings, keys, setting)]


def _key(secret: str, name: str) -> Webhook:
    prefix, _, encoded = secret.partition("_")
    try:
        if prefix == "whsec" and len(base64.b64decode(encoded, validate=True)) >= SHORTEST_KEY:
            return Webhook(secret)
    except ValueError:
        pass
    raise SecretError(f"[sources.{name}]: the secret is no whsec_… of Standard Webhooks, 24 bytes or more in base64")


@dataclass(frozen=True)
class Delivery:
    """What one request brought; ``stored`` is done when Kafka has it."""

    items: Sequence[Interaction | DeadLetter]
    stored: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass
class WebhookIn:
    name: str
    settings: Settings
    keys: Sequence[Webhook]
    setting: Setting
    resumes = False  # what is sent while nobody listens comes only if the sender tries again
    endless = True
    poll_every = 1.0
    port = 0  # the one it listens on, once it does

    async def pull(self, cursor: Cursor | None, since: datetime) -> AsyncGenerator[Page, None]:
        queue: asyncio.Queue[Delivery] = asyncio.Queue(WAITING)
        async with self._serving(queue):
            while True:
                deliveries = await _together(queue)
                items = [item for delivery in deliveries for item in delivery.items]
                try:
                    yield Page(items, {}, self.setting.clock())
                except GeneratorExit:  # it was not published: the sender has to keep it
                    for delivery in deliveries:
                        delivery.stored.cancel()
                    raise
                for delivery in deliveries:
                    if not delivery.stored.done():
                        delivery.stored.set_result(None)

    @asynccontextmanager
    async def _serving(self, queue: asyncio.Queue[Delivery]) -> AsyncIterator[None]:
        async def receive(request: Request) -> Response:
            return await self._receive(request, queue)

        app = Starlette(routes=[Route(self.settings.path, receive, methods=["POST"])])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        server = _Server(config)
        with _listening(self.settings) as listener:
            self.port = listener.getsockname()[1]
            serving = asyncio.create_task(server.serve([listener]))
            try:
                yield
            finally:
                server.should_exit = True
                await asyncio.wait([serving], timeout=5)

    async def _receive(self, request: Request, queue: asyncio.Queue[Delivery]) -> Response:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    return _answer(413, error=f"more than {LARGEST:,} bytes; send fewer acts at once")
        except ClientDisconnect:
            return Response(status_code=400)
        if not self._signed(bytes(body), request):
            return _answer(401, error="the signature does not fit, or its time is more than five minutes off")
        origin = f"webhook:{self.name}:{request.headers.get('webhook-id', '')[:100]}"
        delivery = Delivery(read(bytes(body), self.setting.clock(), origin))
        try:
            queue.put_nowait(delivery)
            await asyncio.wait_for(delivery.stored, PATIENCE)
        except (asyncio.QueueFull, TimeoutError, asyncio.CancelledError):
            return _answer(503, error="not stored; send it again", headers={"Retry-After": "5"})
        dead = sum(isinstance(item, DeadLetter) for item in delivery.items)
        return _answer(202, accepted=len(delivery.items) - dead, dead_lettered=dead)

    def _signed(self, body: bytes, request: Request) -> bool:
        for key in self.keys:
            try:
                key.verify(body, dict(request.headers), json_parse=False)
            except (WebhookVerificationError, ValueError, OverflowError, OSError):  # a time beyond all calendars
                continue
            return True
        return False


def read(body: bytes, now: datetime, origin: str) -> list[Interaction | DeadLetter]:
    """Every act in ``body``: one JSON object, the ``data`` of an envelope, a JSON list, or an object a line."""
    try:
        parts: list[bytes] = [bytes(part) for part in _parts(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parts = [line for line in body.splitlines() if line.strip()]
    return [_act(part, now, origin) for part in parts]


def _parts(body: bytes) -> list[msgspec.Raw]:
    if body.lstrip().startswith(b"["):
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    envelope = msgspec.json.decode(body, type=Envelope)
    return [envelope.data if bytes(envelope.data) else msgspec.Raw(body)]


class Envelope(Struct, frozen=True):
    """What Standard Webhooks recommends as a payload has its act in ``data``; an act itself has no such field."""

    data: msgspec.Raw = msgspec.Raw(b"")


def _act(payload: bytes, now: datetime, origin: str) -> Interaction | DeadLetter:
    try:
        return decode_interaction(payload, now)
    except Invalid as error:
        return dead_letter(error.reason, error.detail, origin, payload)


async def _together(queue: "asyncio.Queue[Delivery]") -> list[Delivery]:
    """What waits, or nothing after a while."""
    try:
        found = [await asyncio.wait_for(queue.get(), QUIET)]
    except TimeoutError:
        return []
    size = len(found[0].items)
    while size < TOGETHER and not queue.empty():
        found.append(queue.get_nowait())
        size += len(found[-1].items)
    return found


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        raise Refused(f"cannot listen on {settings.host}:{settings.port}: {error}") from error


def _answer(status: int, headers: Mapping[str, str] | None = None, **said: object) -> Response:
    return JSONResponse(said, status, headers)


class _Server(uvicorn.Server):
    """Signals are the business of whoever runs us."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
