"""One try to post to a receiver: pinned to a checked address, bounded in time and bytes, never redirected.

httpx' transport is used without its client: that would log the address, which for most receivers is the secret.
"""

import asyncio
import json
import logging
import math
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from alerts.guard import Allowed, RefusedError, Resolve, checked
from alerts.outcome import Delivered, Outcome, Permanent, Retry

CONNECT = 5.0  # seconds to connect to one address
TOTAL = 15.0  # seconds for all of it, but the name's resolution
ANSWER = 65_536  # bytes of an answer that are read at most
LONGEST_WAIT = 86_400.0  # seconds: who asks for longer is asked again after a day
# At DEBUG it logs the headers of answers, and a redirect's repeat the address.
logging.getLogger("httpcore.http11").setLevel(logging.INFO)

PASSING = {408, 425, 429}
GONE = 410
SLACK_SAYS = {  # what of an answer is repeated: other bodies may hold anything
    b"action_prohibited",
    b"channel_is_archived",
    b"channel_not_found",
    b"invalid_payload",
    b"invalid_token",
    b"no_active_hooks",
    b"no_service",
    b"no_team",
    b"no_text",
    b"posting_to_general_channel_denied",
    b"team_disabled",
    b"user_not_found",
}


@dataclass(frozen=True)
class Endpoint:
    """Where to post to and how: ``permitted`` internal addresses, and ``total`` seconds once the name is resolved."""

    url: httpx.URL = field(repr=False)
    permitted: Allowed
    context: ssl.SSLContext = field(repr=False)
    resolve: Resolve = field(repr=False)
    total: float = TOTAL

    @property
    def port(self) -> int:
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    @property
    def host(self) -> str:
        """As it goes into DNS and TLS."""
        return self.url.raw_host.decode("ascii")


def post(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Outcome:
    """Post ``body`` and say what came of it."""
    host = endpoint.host
    try:
        addresses = checked(host, endpoint.port, endpoint.permitted, endpoint.resolve)
        return asyncio.run(_post(endpoint, addresses, headers, body))
    except RefusedError as error:
        # Not permanent: DNS may lie for a while, and once the operator allowed it what waited is delivered.
        return Retry(None, str(error))
    except (httpx.HTTPError, OSError) as error:
        return Retry(None, f"{host}: {_in_words(error)}")


async def _post(endpoint: Endpoint, addresses: list[str], headers: dict[str, str], body: bytes) -> Outcome:
    until = asyncio.get_running_loop().time() + endpoint.total
    async with httpx.AsyncHTTPTransport(verify=endpoint.context, trust_env=False) as transport:
        async with asyncio.timeout_at(until):
            response = await _first_answer(transport, endpoint, addresses, headers, body)
        # A body that does not end changes nothing: the status has said it.
        answer = b"" if response.is_success else await _body(response, until)
        await response.aclose()
    return judged(endpoint.host, response.status_code, response.headers, answer, datetime.now(UTC))


async def _body(response: httpx.Response, until: float) -> bytes:
    """The whole of it, not unpacked; empty where it is too long or does not end in time."""
    body = b""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout_at(until):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > ANSWER:
                    return b""
            return body
    return b""


async def _first_answer(
    transport: httpx.AsyncHTTPTransport, endpoint: Endpoint, addresses: list[str], headers: dict[str, str], body: bytes
) -> httpx.Response:
    """Of the first address that can be connected to; the name stays in ``Host`` and in TLS."""
    timeouts = httpx.Timeout(endpoint.total, connect=CONNECT).as_dict()
    failed: httpx.HTTPError | None = None
    for address in addresses:
        request = httpx.Request(
            "POST",
            endpoint.url.copy_with(host=address),
            headers={"Host": endpoint.url.netloc.decode("ascii"), "User-Agent": "rapport", **headers},
            content=body,
            extensions={"timeout": timeouts, "sni_hostname": endpoint.host},
        )
        try:
            return await transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failed = error
    raise failed or httpx.ConnectError("no address")


def judged(host: str, status: int, headers: httpx.Headers, answer: bytes, now: datetime) -> Outcome:
    """What a status means. A redirect is a failure that may pass; it is never followed."""
    if 200 <= status < 300:
        return Delivered()
    reason = f"{host} answered {status}"
    if 400 <= status < 500 and status not in PASSING:
        if (word := answer.strip()) in SLACK_SAYS:
            reason += f" {word.decode()}"
        return Permanent(reason, gone=status == GONE)
    return Retry(wait(headers.get("Retry-After", ""), answer, now), reason)


def wait(retry_after: str, answer: bytes, now: datetime) -> float | None:
    """Seconds, of a ``Retry-After`` in seconds or as a date, or of the ``retry_after`` in Discord's answer."""
    seconds = _number(retry_after)
    if seconds is None:
        with suppress(ValueError, TypeError, OverflowError):
            date = parsedate_to_datetime(retry_after)
            seconds = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    with suppress(ValueError, RecursionError):
        told = json.loads(answer)
        # The more exact one, where there are two; header and body are of the same wait.
        exact = _number(told.get("retry_after")) if isinstance(told, dict) else None
        seconds = seconds if exact is None else exact
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _in_words(error: Exception) -> str:
    """Never the error's own text, which may hold what was sent."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.HTTPError):
        return "the connection broke off"
    return "its name cannot be resolved"
