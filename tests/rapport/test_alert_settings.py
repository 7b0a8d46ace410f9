"""``[alerts]``: what may be set, what is refused in one line, and what happens while the warehouse is away."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.alert import Severity
from alerts.notify import Audience, Timing
from alerts.rules import DEFAULTS
from alerts.state import Phase, Track
from alerts.store import opened
from rapport.alert_settings import audiences, settings, timing
from rapport.config import Config, File, read
from rapport.embedded.service import free_port
from rapport.errors import UserError
from rapport.watching import look
from tests.alerts.given import NOW, alert
from warehouse.client import ClickHouse, connect


def configured(folder: Path, text: str) -> File:
    path = folder / "rapport.toml"
    path.write_text(text)
    return read(path)


def test_a_rule_is_as_it_is_unless_said_otherwise(tmp_path: Path) -> None:
    """Each setting of a rule replaces its own default and nothing else."""
    section = configured(
        tmp_path,
        """
        [alerts.rules.one_sided]
        threshold = 3
        for = "2h"
        severity = "critical"
        [alerts.rules.campaign_seen]
        enabled = false
        """,
    ).alerts
    found = settings(section)
    default = DEFAULTS["one_sided"]
    said = replace(default, threshold=3, lasting=timedelta(hours=2), severity=Severity.CRITICAL)
    assert found.pop("one_sided") == said
    assert found.pop("campaign_seen") == replace(DEFAULTS["campaign_seen"], enabled=False)
    assert found == {name: DEFAULTS[name] for name in found}


def test_times_and_receivers(tmp_path: Path) -> None:
    """Time spans are read, and who gets single alerts gets them in parts."""
    section = configured(
        tmp_path,
        """
        [alerts]
        group_wait = "0s"
        group_interval = "2m"
        repeat_interval = "1d"
        [alerts.receivers.chat]
        type = "slack"
        url_env = "URL"
        severity = "warning"
        [alerts.receivers.hook]
        type = "webhook"
        url_env = "URL"
        secret_env = "SECRET"
        """,
    ).alerts
    assert timing(section) == Timing(wait=timedelta(), interval=timedelta(minutes=2), repeat=timedelta(days=1))
    chat, hook = audiences(section)
    assert chat == Audience(name="chat", severity=Severity.WARNING)
    assert hook == Audience(name="hook", at_once=10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[alerts.rules.nonsense]", "there is no rule nonsense; there are real_share_falls"),
        ('[alerts]\nrepeat_interval = "2d"', "repeat_interval: from 1s to 1d"),
        ('[alerts]\nevery = "0s"', "every: at least 1s"),
        ('[alerts]\nevery = "often"', "alerts.every"),
        ("[alerts.rules.one_sided]\nthreshold = 0", "alerts.rules"),
        ('[alerts.receivers."a b"]\ntype = "slack"', "alerts.receivers"),
        ('[alerts.receivers.chat]\ntype = "slack"', "slack needs url_env or url_file"),
        ('[alerts]\ngrafana = "javascript:alert(1)"', "alerts.grafana"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In one line that names the file and the setting."""
    with pytest.raises(UserError) as refused:
        configured(tmp_path, text)
    assert said in str(refused.value)
    assert str(tmp_path) in str(refused.value) and "\n" not in str(refused.value)


def test_while_the_warehouse_is_away_nothing_begins_or_ends(tmp_path: Path) -> None:
    """An evaluation that cannot be made leaves what fires as it is."""
    firing = alert()
    with opened(tmp_path) as store:
        with store.changing():
            store.keep({}, {firing.fingerprint: Track(alert=firing, phase=Phase.FIRING)}, NOW)
        look(Config(tmp_path), connect(ClickHouse(port=free_port())), store, NOW)
        assert [track.phase for track in store.tracks().values()] == [Phase.FIRING]
        assert len(store.unrecorded()) == 1
