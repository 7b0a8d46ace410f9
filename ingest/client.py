"""The one way to ask a platform something: bounded in time, size and money, patient with what passes."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec
import stamina

from ingest.budget import Meter
from ingest.errors import Malformed, Refused, Throttled, Torn, Unreachable

T = TypeVar("T")

TIMEOUTS = httpx.Timeout(30.0, connect=5.0)
WHOLE_SECONDS = 60.0  # of one answer, however slowly it drips
SILENT_SECONDS = 90.0  # after which a stream that says nothing, not even that it lives, is taken for dead
MAX_BYTES = 5_000_000  # of one answer
AT_ONCE = 4  # requests to one host
REDIRECTS = 3
TRIES, TRYING_SECONDS = 4, 45.0
LONGEST_WAIT = 30.0  # seconds; a platform that asks for more is left alone until then
REMEMBERED, SMALL = 256, 200_000  # answers that are asked for again only if they changed; bytes of one at the most
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})

Parameters = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """``unchanged``: the platform says it is what it was when last asked; ``body`` is that."""

    status: int
    body: bytes
    headers: httpx.Headers
    url: str
    unchanged: bool = False

    def read(self, kind: type[T]) -> T:
        """The body as ``kind``. Raises ``Malformed``."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"{where(self.url)}: not the answer that is documented: {error}") from error


@dataclass(frozen=True)
class _Request:
    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes | None = None
    max_bytes: int = MAX_BYTES
    json: bool = True


@dataclass
class Hosts:
    """What all clients share: connections, and how many requests each host gets at once."""

    connections: httpx.AsyncClient
    _turns: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def turn(self, host: str) -> asyncio.Semaphore:
        return self._turns.setdefault(host, asyncio.Semaphore(AT_ONCE))


@asynccontextmanager
async def hosts(contact: str, version: str, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Hosts]:
    """Connections that say who asks: at ``contact``, a mail address or a page, a platform reaches whoever runs this."""
    agent = f"rapport/{version} (social listening; {contact or 'no contact given'})"
    async with httpx.AsyncClient(
        timeout=TIMEOUTS, headers={"User-Agent": agent}, follow_redirects=False, trust_env=False, transport=transport
    ) as connections:
        yield Hosts(connections)


@dataclass
class Client:
    """For one source. ``meter`` pays for every request, each try of it."""

    hosts: Hosts
    meter: Meter
    clock: Callable[[], datetime]
    _known: OrderedDict[str, Answer] = field(default_factory=OrderedDict)

    async def get(
        self,
        url: str,
        parameters: Parameters | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        cost: float = 1.0,
        meter: Meter | None = None,
        max_bytes: int = MAX_BYTES,
        json: bool = True,
    ) -> Answer:
        """Ask for ``url``; only what changed is sent again where the platform can tell.

        What is no ``json`` although it has to be is asked for again like an answer that did not come.

        Raises ``Throttled`` (a budget, or a wait that is long), ``Unreachable``, ``Refused`` (any other 4xx; its
        ``status`` tells which), and ``Malformed`` for what is too large or leads elsewhere.
        """
        full = httpx.URL(url, params={**httpx.URL(url).params, **dict(parameters or {})})
        known = self._known.get(str(full))
        asked = {**(headers or {}), **(_conditions(known) if known else {})}
        request = _Request("GET", full, asked, max_bytes=max_bytes, json=json)
        answer = await self._patiently(request, cost, meter or self.meter)
        if answer.status == httpx.codes.NOT_MODIFIED and known:
            self._known.move_to_end(str(full))
            return Answer(known.status, known.body, answer.headers, known.url, unchanged=True)
        if _conditions(answer) and len(answer.body) <= SMALL:
            self._known[str(full)] = answer
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def post(
        self,
        url: str,
        *,
        content: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        cost: float = 1.0,
    ) -> Answer:
        """Send ``content`` as JSON, or a ``form``. Only for what may be sent twice. Raises what ``get`` does."""
        body = msgspec.json.encode(content) if form is None else str(httpx.QueryParams(form)).encode()
        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        asked = {"Content-Type": kind, **(headers or {})}
        return await self._patiently(_Request("POST", httpx.URL(url), asked, body), cost, self.meter)

    @asynccontextmanager
    async def stream(
        self, url: str, parameters: Parameters | None = None, *, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """An answer without an end, such as server-sent events. Raises what ``get`` does, also while it is read."""
        self.meter.spend(1.0)
        timeouts = httpx.Timeout(SILENT_SECONDS, connect=5.0)
        try:
            async with self.hosts.connections.stream(
                "GET", url, params=dict(parameters or {}), headers=dict(headers or {}), timeout=timeouts
            ) as response:
                self._judge(response.status_code, response.headers, str(response.url))
                yield response
        except httpx.HTTPError as error:
            raise Unreachable(f"{where(url)}: {_told(error)}") from error

    async def _patiently(self, request: _Request, cost: float, meter: Meter) -> Answer:
        async for attempt in stamina.retry_context(
            on=_again, attempts=TRIES, timeout=TRYING_SECONDS, wait_initial=0.5, wait_max=LONGEST_WAIT, wait_jitter=1.0
        ):
            with attempt:
                meter.spend(cost)
                async with self.hosts.turn(request.url.host):
                    return await self._once(request)
        raise AssertionError("attempts ended without an answer or an error")

    async def _once(self, asked: _Request) -> Answer:
        url = asked.url
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                for _ in range(REDIRECTS + 1):
                    request = self.hosts.connections.build_request(
                        asked.method, url, headers=dict(asked.headers), content=asked.body
                    )
                    response = await self.hosts.connections.send(request, stream=True)
                    try:
                        if not response.has_redirect_location:
                            self._judge(response.status_code, response.headers, str(url))
                            content = await _at_most(response, asked.max_bytes)
                            if asked.json and response.status_code != httpx.codes.NOT_MODIFIED:
                                _check(content, url)
                            return Answer(response.status_code, content, response.headers, str(asked.url))
                        url = _same_site(url, response)
                    finally:
                        await response.aclose()
        except TimeoutError as error:
            raise Unreachable(f"{where(url)}: not answered whole in {WHOLE_SECONDS:.0f} s") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{where(url)}: {_told(error)}") from error
        raise Malformed(f"{where(url)}: redirected more than {REDIRECTS} times")

    def _judge(self, status: int, headers: httpx.Headers, url: str) -> None:
        """Raise for whatever is no answer."""
        if status < httpx.codes.BAD_REQUEST:
            return
        wait = _wait(headers, self.clock())
        used_up = headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers
        if status == httpx.codes.FORBIDDEN and used_up:  # so GitHub says that its first or second limit is reached
            status = httpx.codes.TOO_MANY_REQUESTS
        if status in PASSING and wait is not None and wait > LONGEST_WAIT:
            until = self.clock() + timedelta(seconds=wait)
            raise Throttled(f"{where(url)} asks to be left alone (HTTP {status})", until)
        if status in PASSING or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{where(url)}: HTTP {status}", wait)
        raise Refused(f"{where(url)}: HTTP {status}{_ADVICE.get(status, '')}", status)


_ADVICE = {
    401: "; is the token right, and still valid?",
    403: "; does the token have the rights that docs/sources.md names?",
}


def where(url: str | httpx.URL) -> str:
    """Host and path: queries, and paths of webhooks, may hold secrets, but the hosts we ask say what they are for."""
    parsed = httpx.URL(url)
    return f"{parsed.host}{parsed.path}"


def _check(content: bytes, url: httpx.URL) -> None:
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Torn(f"{where(url)}: not the answer that is documented: {error}") from error


def _again(error: Exception) -> bool | float:
    """Whether to try once more, and after how many seconds where the platform said."""
    if isinstance(error, Torn):
        return True
    if not isinstance(error, Unreachable):
        return False
    return True if error.wait is None else error.wait


def _told(error: httpx.HTTPError) -> str:
    """Without the words of most errors: some repeat a header, and with it a token."""
    return str(error) if isinstance(error, httpx.ConnectError) and str(error) else type(error).__name__


def _conditions(known: Answer) -> dict[str, str]:
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    return {ask: known.headers[told] for ask, told in pairs if told in known.headers}


def _wait(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that ``Retry-After`` (seconds or a date), or a rate limit's reset, asks for."""
    if value := headers.get("Retry-After"):
        with_seconds = _number(value)
        if with_seconds is not None:
            return max(0.0, with_seconds)
        try:
            return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
        except ValueError:
            return None
    for name in ("RateLimit-Reset", "X-Rate-Limit-Reset", "X-RateLimit-Reset"):
        if value := headers.get(name):
            return _until_reset(value, now)
    return None


def _until_reset(value: str, now: datetime) -> float | None:
    """Platforms write seconds to go, seconds since 1970, or a date."""
    number = _number(value)
    if number is None:
        try:
            reset = datetime.fromisoformat(value)
        except ValueError:
            return None
        return max(0.0, ((reset if reset.tzinfo else reset.replace(tzinfo=UTC)) - now).total_seconds())
    return max(0.0, number - now.timestamp() if number > 1e9 else number)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _same_site(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    target = url.join(response.headers["Location"])
    if target.host != url.host or (url.scheme == "https" and target.scheme != "https"):
        raise Malformed(f"{where(url)}: leads to another site ({target.host}); not followed")
    return target


async def _at_most(response: httpx.Response, max_bytes: int) -> bytes:
    kept = bytearray()
    async for chunk in response.aiter_bytes():
        kept += chunk
        if len(kept) > max_bytes:
            raise Malformed(f"{where(response.url)}: more than {max_bytes:,} bytes; not read further")
    return bytes(kept)
