"""A receiver as the outbox knows it: one notification in, one outcome out."""

import os
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import httpx
from standardwebhooks.webhooks import Webhook

from alerts import post, smtp
from alerts.alert import Notification
from alerts.guard import Resolve, allowed, resolve
from alerts.outcome import Outcome
from alerts.pace import Pace
from alerts.receivers import alertmanager, discord, mail, pagerduty, slack, teams, webhook
from alerts.receivers.settings import Receiver, ReceiverError
from alerts.receivers.words import HOST, encoded

# Seconds from one message to the next. Slack: 1/s and channel. Discord: 30/min and channel. Teams: 4/s.
PACE = {
    "slack": 1.0,
    "discord": 2.0,
    "teams": 0.25,
    "pagerduty": 0.5,
    "email": 1.0,
    "webhook": 0.0,
    "alertmanager": 0.0,
}
API = "/api/v2/alerts"
SECRETS = 2
KEY = (24, 64)  # bytes, as Standard Webhooks has it

Format = Callable[[Notification], Any]


class Sender(Protocol):
    """Never raises for what a receiver does or is; ``send`` takes seconds, and one thread calls it at a time."""

    def send(self, notification: Notification) -> Outcome: ...


@dataclass(frozen=True)
class Poster:
    """Sends what ``format`` makes as JSON, signed anew on each try where there are ``signers``."""

    endpoint: post.Endpoint
    format: Format = field(repr=False)
    signers: tuple[Webhook, ...] = field(repr=False)
    pace: Pace

    def send(self, notification: Notification) -> Outcome:
        body = encoded(self.format(notification))
        self.pace.wait()
        headers = {"Content-Type": "application/json", **self._signed(notification.id, body)}
        return post.post(self.endpoint, headers, body)

    def _signed(self, message: str, body: bytes) -> dict[str, str]:
        if not self.signers:
            return {}
        at = datetime.now(UTC)
        return {
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signer.sign(message, at, body.decode()) for signer in self.signers),
        }


@dataclass(frozen=True)
class Mailer:
    server: smtp.Server
    sender: str
    recipients: tuple[str, ...]
    pace: Pace

    def send(self, notification: Notification) -> Outcome:
        message = mail.message(notification, self.sender, self.recipients)
        self.pace.wait()
        return smtp.send(self.server, message)


def sender(
    name: str,
    receiver: Receiver,
    environment: Mapping[str, str] = os.environ,
    resolve: Resolve = resolve,
) -> Sender:
    """What sends to ``receiver``, with its secrets as they are now. Raises ``ReceiverError``."""
    try:
        return _sender(receiver, partial(receiver.secret, environment=environment), resolve)
    except ReceiverError as error:
        raise ReceiverError(f"alerts.receivers.{name}: {error}") from error


def _sender(receiver: Receiver, secret: Callable[[str], str], resolve: Resolve) -> Sender:
    permitted = allowed(receiver.allow)
    pace = Pace(PACE[receiver.type])
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()  # an internal receiver may have a certificate of the operator's own
    if receiver.type == "email":
        host, _, port = (receiver.server or "").rpartition(":")
        if not (password := secret("password")).isascii():
            raise ReceiverError("its password has characters beyond ASCII, which SMTP cannot send")
        user = receiver.user or ""
        server = smtp.Server(host, int(port), receiver.security, user, password, permitted, context, resolve)
        return Mailer(server, receiver.sender or "", receiver.to, pace)
    url = _url(secret("url") or pagerduty.URL, receiver.allow_http)
    signers = _signers(secret("secret"))
    endpoint = post.Endpoint(url, permitted, context, resolve)
    return Poster(endpoint, _format(receiver, url, secret), signers, pace)


def _format(receiver: Receiver, url: httpx.URL, secret: Callable[[str], str]) -> Format:
    match receiver.type:
        case "slack":
            return slack.payload
        case "discord":
            return discord.payload
        case "teams":
            return teams.payload
        case "pagerduty":
            return partial(pagerduty.payload, routing_key=secret("routing_key"))
        case "alertmanager":
            return alertmanager.postable if url.path.endswith(API) else alertmanager.webhook
        case _:
            return webhook.payload


def _url(text: str, allow_http: bool) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ReceiverError("its URL is none") from None
    if not HOST.fullmatch(url.raw_host.decode("ascii")) or url.scheme not in {"http", "https"}:
        raise ReceiverError("its URL must be a whole one, https://…")
    if url.userinfo:
        raise ReceiverError("its URL may not hold a user and a password")
    if url.scheme == "http" and not allow_http:
        raise ReceiverError("its URL is not https; set allow_http where the network is your own")
    return url.copy_with(fragment=None)


def _signers(secrets: str) -> tuple[Webhook, ...]:
    """One for each secret: while one is being changed, what both sign is accepted by old and new."""
    each = secrets.split()
    if len(each) > SECRETS:
        raise ReceiverError(f"{len(each)} secrets; at most two may sign")
    for one in each:
        try:
            key = b64decode(one.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not (one.startswith("whsec_") and KEY[0] <= len(key) <= KEY[1]):
            raise ReceiverError("its secret is not whsec_ and 24 to 64 bytes in base64")
    return tuple(Webhook(one) for one in each)
