"""What Alertmanager's own programs send and take is what we send."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import msgspec
import pytest

from alerts.alert import Alert, labels_of
from alerts.outcome import Delivered
from alerts.receivers import Receiver, alertmanager
from alerts.receivers.words import encoded
from alerts.sender import sender
from tests.alerts.receivers.given import ALERT, AT, PANEL, hostile, notification
from tests.hostile import TEXTS

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
RESOLVED = replace(ALERT, ends_at=AT + timedelta(hours=1))


class OneAlert(msgspec.Struct, forbid_unknown_fields=True):
    """Go's ``template.Alert``."""

    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: datetime  # noqa: N815 - the names are Alertmanager's
    endsAt: datetime  # noqa: N815
    generatorURL: str  # noqa: N815
    fingerprint: str


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """Go's ``webhook.Message``."""

    version: str
    groupKey: str  # noqa: N815
    truncatedAlerts: int  # noqa: N815
    status: str
    receiver: str
    groupLabels: dict[str, str]  # noqa: N815
    commonLabels: dict[str, str]  # noqa: N815
    commonAnnotations: dict[str, str]  # noqa: N815
    externalURL: str  # noqa: N815
    alerts: list[OneAlert]


def test_webhook_is_of_version_4() -> None:
    """A strict parser reads it; what all alerts share is said once more, and what fires has no end."""
    other = replace(RESOLVED, labels=labels_of(alertname="real_share_falls", brand="other", severity="warning"))
    read = msgspec.json.decode(encoded(alertmanager.webhook(notification(ALERT, other))), type=Message)
    assert (read.version, read.status, read.receiver) == ("4", "firing", "ops")
    assert read.commonLabels == {"alertname": "real_share_falls", "severity": "warning"}
    assert [alert.status for alert in read.alerts] == ["firing", "resolved"]
    assert read.alerts[0].endsAt.year == 1
    assert read.alerts[0].fingerprint == ALERT.fingerprint
    assert read.alerts[0].generatorURL == PANEL
    assert read.alerts[0].annotations["summary"] == ALERT.summary
    assert msgspec.json.decode(encoded(alertmanager.webhook(notification(other))), type=Message).status == "resolved"


def test_what_fires_ends_in_the_future() -> None:
    """For ``/api/v2/alerts``: later than a repetition, so that it does not resolve by itself meanwhile."""
    firing, over = alertmanager.postable(notification(ALERT, RESOLVED))
    assert firing["endsAt"] > "2026-11-29T11"
    assert over["endsAt"] == "2026-11-28T11:00:00.000Z"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[tuple[str, "Queue[Any]"]]:
    """A real Alertmanager's address, and what it sends to its webhook."""
    if not PROGRAM:
        pytest.skip("no Alertmanager here: install Debian's prometheus-alertmanager")
    heard: Queue[Any] = Queue()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as webhook, socket.socket() as free:
        threading.Thread(target=webhook.serve_forever, daemon=True).start()
        route = "{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}"
        url = f"http://127.0.0.1:{webhook.server_port}/"
        configuration = tmp_path / "alertmanager.yml"
        configuration.write_text(
            f"route: {route}\nreceivers: [{{name: ops, webhook_configs: [{{url: '{url}', send_resolved: true}}]}}]\n"
        )
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        command = [PROGRAM, f"--config.file={configuration}", f"--storage.path={tmp_path}", "--cluster.listen-address="]
        with subprocess.Popen([*command, f"--web.listen-address={address}"], stderr=subprocess.DEVNULL) as process:
            try:
                wait_until_ready(f"http://{address}/-/ready")
                yield f"http://{address}", heard
            finally:
                process.terminate()
                webhook.shutdown()


def wait_until_ready(url: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            httpx.get(url, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < until, "Alertmanager does not start"
            time.sleep(0.1)
        else:
            return


def tell(url: str, *alerts: Alert) -> None:
    receiver = Receiver(type="alertmanager", url_env="URL", allow=("127.0.0.0/8",), allow_http=True)
    to_peer = sender("peer", receiver, {"URL": f"{url}/api/v2/alerts"})
    assert to_peer.send(notification(*alerts, at=datetime.now(UTC))) == Delivered()


def standing(url: str) -> list[Any]:
    return httpx.get(f"{url}/api/v2/alerts", trust_env=False).json()  # type: ignore[no-any-return]


@pytest.mark.engines
def test_real_alertmanager_takes_alerts_and_their_end(peer: tuple[str, "Queue[Any]"]) -> None:
    """It holds what fires, sends it on in a body that has exactly the fields of ours, and lets it go when it ends."""
    url, heard = peer
    began = datetime.now(UTC) - timedelta(minutes=1)
    tell(url, replace(ALERT, starts_at=began))
    (held,) = standing(url)
    assert held["labels"] == dict(ALERT.labels)
    assert held["annotations"]["certainty"] == ALERT.certainty
    assert held["generatorURL"] == PANEL

    theirs = heard.get(timeout=20)
    ours = alertmanager.webhook(notification())
    msgspec.convert(theirs, Message)
    assert theirs.keys() == ours.keys()
    assert theirs["alerts"][0].keys() == ours["alerts"][0].keys()
    assert {name: type(value) for name, value in theirs.items()} == {name: type(value) for name, value in ours.items()}
    assert (theirs["version"], theirs["status"]) == (ours["version"], ours["status"])

    tell(url, replace(ALERT, starts_at=began, ends_at=datetime.now(UTC)))
    assert heard.get(timeout=20)["status"] == "resolved"
    assert standing(url) == []


@pytest.mark.engines
def test_real_alertmanager_takes_any_text(peer: tuple[str, "Queue[Any]"]) -> None:
    """No name or text of a stranger has it refuse the alerts beside it."""
    url, _ = peer
    began = datetime.now(UTC) - timedelta(minutes=1)
    tell(url, *[replace(hostile(text), starts_at=began) for text in TEXTS])
    assert len(standing(url)) == len(TEXTS)
