"""Invented platforms beside a pipeline that listens to them: for ``rapport demo --live``, and for the tests."""

import importlib.util
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ingest.sources import KINDS
from rapport.demo.platforms import senders
from rapport.demo.platforms.serve import HOST, Plan, platform, secrets, tables, world
from rapport.demo.platforms.world import World
from rapport.embedded.service import free_port

WORD, BRAND = "acmebrew", "acme"
SECRET = "whsec_" + "aW52ZW50ZWQt" * 3  # of the invented sender; it opens nothing else
SENT = ("file", "webhook")
READY_SECONDS = 15.0


@dataclass
class Live:
    """``settings`` is a ``rapport.toml`` that listens to everything served."""

    plan: Plan
    world: World
    settings: Path
    folder: Path
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def platforms(self) -> dict[str, Any]:
        """Modules by kind, and those who send."""
        served = {kind: platform(kind) for kind in self.plan.ports if kind not in SENT}
        return {**served, "webhook": senders.sender("hook"), "file": senders.sender("spool")}

    def serve(self) -> None:
        """Start the servers, and return when each answers."""
        (self.folder / "plan.json").write_bytes(msgspec.json.encode(self.plan))
        command = [sys.executable, "-m", "rapport.demo.platforms.serve", str(self.folder / "plan.json")]
        with (self.folder / "platforms.log").open("ab") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log)
        for kind, port in self.plan.ports.items():
            if kind not in SENT:
                _answering(port)

    def interrupt(self) -> None:
        """Every server ends at once, in the middle of what it does."""
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server = None


@contextmanager
def live(folder: Path, seconds: float, count: int, *, faults: float, more: str = "") -> Iterator[Live]:
    """Served and sent for as long as the block takes: ``count`` acts on each platform in the next ``seconds``.

    ``more`` is added to the settings.
    """
    kinds = [kind for kind in KINDS if kind not in SENT and importlib.util.find_spec(f"rapport.demo.platforms.{kind}")]
    ports = {kind: free_port() for kind in (*kinds, "webhook")}
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=READY_SECONDS)  # some know no parts of one
    served = {kind: port for kind, port in ports.items() if kind != "webhook"}
    plan = Plan(begin, count, seconds / count, WORD, faults, served)
    shown = world(plan)
    found = Live(plan, shown, folder / "rapport.toml", folder)
    stopped = threading.Event()
    spool = folder / "spool.jsonl"
    spool.touch()
    own: dict[str, dict[str, Any]] = {
        "webhook": {"kind": "webhook", "secret": {"env": "RAPPORT_INVENTED_SECRET"}, "port": ports["webhook"]},
        "file": {"kind": "file", "path": str(folder / "spool*.jsonl")},
    }
    listened = {kind: {**table, "every_seconds": 2} for kind, table in tables(plan).items()}
    accounts = sorted(one.account(shown.brand) for one in found.platforms.values())
    found.settings.write_text(_toml(accounts, {**listened, **own}, begin) + more)
    going_on = lambda: not stopped.is_set()  # noqa: E731 - a name for a question
    url = f"http://{HOST}:{ports['webhook']}/"
    sending = [
        threading.Thread(target=senders.post, args=(shown, url, SECRET, going_on), daemon=True),
        threading.Thread(target=senders.write, args=(shown, spool, going_on), daemon=True),
    ]
    with ExitStack() as stack:
        stack.enter_context(_environment({**secrets(plan), "RAPPORT_INVENTED_SECRET": SECRET}))
        stack.callback(stopped.set)
        stack.callback(found.interrupt)
        found.serve()
        for thread in sending:
            thread.start()
        yield found


def _toml(accounts: list[str], listened: dict[str, dict[str, Any]], begin: datetime) -> str:
    """TOML is what JSON is for strings, numbers and lists; tables within tables are inline."""
    lines = [f"[brands.{BRAND}]", f"accounts = {_value(accounts)}", f"match = {_value([WORD])}"]
    for name, table in listened.items():
        lines += ["", f"[sources.{name}]", f"since = {(begin - timedelta(minutes=1)).isoformat()}"]
        lines += [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    return msgspec.json.encode(value).decode()


def _answering(port: int) -> None:
    """Return when somebody listens there. Raises ``TimeoutError``."""
    for _ in range(int(READY_SECONDS * 20)):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            threading.Event().wait(0.05)
        else:
            return
    raise TimeoutError(f"nobody answers on port {port}")


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
