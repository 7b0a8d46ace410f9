"""docs/alerts-receivers.md says what is: its settings, its examples, and what is sent."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import msgspec

from alerts.alert import Link, labels_of
from alerts.receivers import Receiver, webhook
from alerts.receivers.settings import SECRETS
from tests.alerts.receivers.given import ALERT, notification

PAGE = (Path(__file__).parents[3] / "docs/alerts-receivers.md").read_text("utf-8")


def block(language: str) -> str:
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]  # type: ignore[index]


def test_example_is_valid() -> None:
    """Every receiver of the example is one."""
    sections = tomllib.loads(block("toml"))["alerts"]["receivers"]
    assert len([msgspec.convert(section, Receiver) for section in sections.values()]) == 5


def test_every_type_and_setting_is_explained() -> None:
    """Each has a row, and no row is about one that is not there."""
    named = {
        name for names in re.findall(r"^\| (`.+?`) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", names)
    }
    assert named == {field.encode_name for field in msgspec.structs.fields(Receiver)} | set(SECRETS)


def test_payload_is_what_is_sent() -> None:
    """The example is what the generic webhook makes of such an alert, word for word."""
    labels = labels_of(alertname="real_share_falls", brand="lumenbrew", severity="warning")
    link = Link(title="dashboard", url="https://grafana.example.org/d/rapport-trust?var-brand=lumenbrew")
    alert = replace(ALERT, labels=labels, links=(link,), sql="SELECT …")
    of_brand = {"group_key": '{}:{brand="lumenbrew"}', "group_labels": (("brand", "lumenbrew"),)}
    assert json.loads(block("jsonc")) == webhook.payload(notification(alert, receiver="crm", **of_brand))
