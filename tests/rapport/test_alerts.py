"""Alerts on a running pipeline: from an act to a signed message at a receiver, and every command about them."""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests.rapport.pipelines import Running, rapport, running
from tests.rapport.test_owed import ACTS

pytestmark = pytest.mark.engines

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """
[brands.shop]
accounts = ["sim:shop"]
[brands.pest]
accounts = ["sim:pest"]
[alerts]
every = "1s"
group_wait = "0s"
group_interval = "1s"
grafana = "http://127.0.0.1:3000"
[alerts.rules.promise_broken]
threshold = 5
[alerts.receivers.ours]
type = "webhook"
url_env = "TEST_HOOK_URL"
secret_env = "TEST_HOOK_SECRET"
allow = ["127.0.0.1"]
allow_http = true
[alerts.receivers.dead]
type = "webhook"
url_env = "TEST_DEAD_URL"
secret_env = "TEST_HOOK_SECRET"
allow = ["127.0.0.1"]
allow_http = true
"""


@dataclass
class Hook:
    """Fails twice, then takes everything; under ``/dead`` it refuses everything for good."""

    failures: int = 2
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def hook() -> Iterator[tuple[Hook, str]]:
    state = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/dead":
                self.send_response(404)
            elif state.failures:
                state.failures -= 1
                state.tried.append(self.headers["webhook-id"])
                self.send_response(500)
            else:
                state.got.append((dict(self.headers), body))
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@dataclass(frozen=True)
class Loaded:
    pipeline: Running
    settings: Path
    hook: Hook

    def rapport(self, *arguments: str) -> str:
        done = rapport("alerts", *arguments, "--config", self.settings, "--data", self.pipeline.config.data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.rapport(*arguments, "--format", "json"))
        return found

    def told(self) -> dict[str, list[str]]:
        """Rules that fire by brand, as the receiver was told."""
        found: dict[str, list[str]] = {}
        for _, body in self.hook.got:
            for one in json.loads(body)["data"]["alerts"]:
                found.setdefault(one["labels"]["brand"], []).append(one["rule"])
        return found


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, hook: tuple[Hook, str]) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("alerts")
    file, settings = folder / "acts.jsonl", folder / "rapport.toml"
    file.write_text("".join(json.dumps(act) + "\n" for act in ACTS))
    settings.write_text(SETTINGS)
    state, url = hook
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_HOOK_URL", f"{url}/ok")
        patch.setenv("TEST_DEAD_URL", f"{url}/dead")
        patch.setenv("TEST_HOOK_SECRET", SECRET)
        with running(folder / "data", settings, alerts=True) as pipeline:
            done = rapport("ingest", "file", file, "--config", settings, "--data", pipeline.config.data)
            assert done.returncode == 0, done.stderr
            loaded = Loaded(pipeline, settings, state)
            until = time.monotonic() + 60
            while {"shop", "pest"} - loaded.told().keys() and time.monotonic() < until:
                time.sleep(0.2)
            yield loaded


def test_the_receiver_is_told_once_signed_and_under_one_id(loaded: Loaded) -> None:
    """After two failures the same message comes with the same id; the brand that pesters, and the broken promise."""
    assert loaded.told() == {"shop": ["promise_broken"], "pest": ["own_acts_like_spam"]}
    ids = [headers["webhook-id"] for headers, _ in loaded.hook.got]
    assert len(set(ids)) == len(ids)
    assert set(loaded.hook.tried) <= set(ids)
    for headers, body in loaded.hook.got:
        Webhook(SECRET).verify(body, headers)
        (one,) = json.loads(body)["data"]["alerts"]
        assert one["summary"] and one["certainty"] and one["sql"]
        assert one["links"][0]["url"].startswith("http://127.0.0.1:3000/d/rapport-")


def test_what_fires_is_listed_and_stands_in_the_warehouse(loaded: Loaded) -> None:
    """The same alerts everywhere; the SQL that each of them shows can be run as it stands."""
    listed = {(row["rule"], row["brand"], row["state"]) for row in loaded.json("list")}
    assert listed == {("promise_broken", "shop", "firing"), ("own_acts_like_spam", "pest", "firing")}
    sql = "SELECT rule, brand, state, query FROM alerts"
    options = ("--config", str(loaded.settings), "--data", str(loaded.pipeline.config.data), "--format", "json")
    rows = json.loads(rapport("sql", sql, *options).stdout)
    assert {(row["rule"], row["brand"], row["state"]) for row in rows} == listed
    for row in rows:
        assert json.loads(rapport("sql", row["query"], *options).stdout)


def test_a_rule_explains_itself(loaded: Loaded) -> None:
    """What fires and why, and why the others do not; an unknown rule is refused in one line."""
    shown = loaded.rapport("test", "promise_broken")
    assert shown.startswith("FIRES: shop promised sim:ben to come back 6 days ago, and has not")
    assert re.search(r"measured 5\.9\d*, fires at 5\n", shown)
    everything = loaded.json("test", "all")
    assert {row["level"] for row in everything} == {"fires", "clear"}
    assert "does not fire: " in loaded.rapport("test", "spike_genuine", "--brand", "shop")
    refused = rapport("alerts", "test", "nonsense", "--data", loaded.pipeline.config.data)
    assert (refused.returncode, "there is no rule 'nonsense'" in refused.stderr) == (2, True)


def test_what_nobody_takes_is_dead_and_can_be_replayed(loaded: Loaded) -> None:
    """A receiver that refuses holds up nobody; its messages are kept with the reason and tried again on demand."""
    dead = loaded.json("deliveries", "--dead")
    assert {row["receiver"] for row in dead} == {"dead"}
    assert all("404" in row["last_error"] and "/dead" not in row["last_error"] for row in dead)
    assert loaded.rapport("replay", "--receiver", "ours") == "0 messages are tried again\n"
    assert loaded.rapport("replay") == f"{len(dead)} messages are tried again\n"


def test_a_silence_is_kept_and_taken_back(loaded: Loaded) -> None:
    """It mutes what has its labels, and says until when, who and why."""
    identifier = loaded.rapport(
        "silence", "brand=shop", "--for", "2h", "--reason", "we know", "--author", "ada"
    ).split()[0]
    (row,) = loaded.json("silences")
    assert (row["id"], row["labels"], row["author"], row["reason"]) == (identifier, {"brand": "shop"}, "ada", "we know")
    assert {row["brand"]: row["muted"] for row in loaded.json("list")} == {"shop": True, "pest": False}
    loaded.rapport("unsilence", identifier)
    assert loaded.json("silences") == []
    gone = rapport("alerts", "unsilence", identifier, "--data", loaded.pipeline.config.data)
    assert gone.stderr == f"error: there is no silence {identifier}; see: rapport alerts silences\n"


def test_a_backtest_finds_it_again(loaded: Loaded) -> None:
    """The promise, when it was five days old."""
    since = datetime.now(UTC) - timedelta(days=3)
    (row,) = (row for row in loaded.json("backtest", "--since", since.isoformat()) if row["rule"] == "promise_broken")
    age = datetime.fromisoformat(row["starts_at"]) - (datetime.now(UTC) - timedelta(days=5.9))
    assert timedelta(days=5) <= age <= timedelta(days=5, hours=2)
    assert row["ends_at"] is None


def test_killed_it_tells_nobody_twice(loaded: Loaded) -> None:
    """A new process goes on with what the old one knew."""
    before = len(loaded.hook.got)
    loaded.pipeline.kill("alerts")
    time.sleep(4)
    assert len(loaded.hook.got) == before
    assert len(loaded.json("list")) == 2


def test_a_receiver_without_its_secret_is_said_at_once(tmp_path: Path) -> None:
    """Before anything starts, in one line that holds no secret."""
    settings = tmp_path / "rapport.toml"
    settings.write_text(SETTINGS.replace("TEST_HOOK_URL", "TEST_NOT_SET"))
    done = rapport("up", "--config", settings, "--data", tmp_path / "data")
    assert done.returncode == 1
    why = "alerts.receivers.ours: the environment variable TEST_NOT_SET is not set"
    assert done.stderr == f"error: {settings}: {why}\n"
