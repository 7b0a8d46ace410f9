"""What a rule says of one thing: whether it is so, by how much, and why."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.alert import Labels, Severity, fingerprint, labels_of


class Level(StrEnum):
    """``HOLDS``: not enough to begin, but enough to go on. ``CLEAR`` is for whoever asks why nothing fires."""

    FIRES = "fires"
    HOLDS = "holds"
    CLEAR = "clear"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What ``threshold`` and ``least`` are of is the rule's matter, see docs/alerts.md.

    ``lasting`` is how long it must be so before it fires; what fires goes on until it is below ``resolve`` of what made
    it fire.
    """

    threshold: float
    severity: Severity
    least: int = 1
    resolve: float = 1.0
    lasting: timedelta = timedelta()
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``threshold`` is in the unit of ``value``. ``board`` is the dashboard that shows it, by its uid."""

    rule: str
    labels: Labels
    level: Level
    summary: str
    certainty: str
    value: float
    threshold: float
    evidence: tuple[str, ...] = ()
    sql: str = ""
    board: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.labels)


def labelled(rule: str, setting: Setting, brand: str = "", **more: str) -> Labels:
    """The labels that every alert has, and ``more``."""
    return labels_of(alertname=rule, brand=brand, severity=setting.severity.value, **more)


def clear(rule: str, labels: Labels, why: str, value: float = 0.0, threshold: float = 0.0) -> Finding:
    """Nothing to tell, and why."""
    return Finding(
        rule=rule, labels=labels, level=Level.CLEAR, summary=why, certainty="", value=value, threshold=threshold
    )


def level(value: float, fire: float, resolve: float) -> Level:
    """Of a value that is worse the higher it is; ``resolve`` is at most ``fire``."""
    if value >= fire:
        return Level.FIRES
    return Level.HOLDS if value >= resolve else Level.CLEAR


def literal(text: str) -> str:
    """``text`` as a string of ClickHouse's SQL, for people to paste: whatever a stranger is called, it stays one."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(one if one.isprintable() else _bytes(one) for one in escaped) + "'"


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def platform_of(identifier: str) -> str:
    """Of an account or a source: both are ``platform:…``."""
    return identifier.partition(":")[0]


def span(time: timedelta) -> str:
    """In words: 45 minutes, 6 hours, 3 days."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if time.total_seconds() >= seconds * (1.5 if unit == "day" else 1):
            count = round(time.total_seconds() / seconds)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
