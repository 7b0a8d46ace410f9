"""``[alerts]`` of the configuration as the alerts themselves take it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from alerts.courier import Courier
from alerts.finding import Setting
from alerts.notify import Audience, Timing
from alerts.receivers.settings import ReceiverError
from alerts.rules import DEFAULTS
from alerts.sender import sender
from rapport.config import AlertsSection, Config, seconds
from rapport.errors import UserError

# How many alerts fit into one message of what tells each by itself; everything else tells a group as a whole.
AT_ONCE = {"webhook": 10, "alertmanager": 100}


def settings(section: AlertsSection) -> dict[str, Setting]:
    """By rule."""
    found = dict(DEFAULTS)
    for name, said in section.rules.items():
        given = {
            "threshold": said.threshold,
            "least": said.least,
            "severity": said.severity,
            "lasting": seconds(said.for_) if said.for_ else None,
        }
        told = {key: value for key, value in given.items() if value is not None}
        found[name] = replace(found[name], enabled=said.enabled, **told)  # type: ignore[arg-type]
    return found


def timing(section: AlertsSection) -> Timing:
    return Timing(
        wait=seconds(section.group_wait),
        interval=seconds(section.group_interval),
        repeat=seconds(section.repeat_interval),
    )


def audiences(section: AlertsSection) -> list[Audience]:
    return [
        Audience(name=name, severity=receiver.severity, at_once=AT_ONCE.get(receiver.type))
        for name, receiver in section.receivers.items()
    ]


def couriers(config: Config, environment: Mapping[str, str]) -> Iterator[Courier]:
    """One per receiver. Raises ``UserError`` where one cannot be used as it is configured."""
    for name, receiver in config.file.alerts.receivers.items():
        try:
            yield Courier(name, sender(name, receiver, environment))
        except ReceiverError as error:
            raise UserError(f"{config.path}: {error}") from error
