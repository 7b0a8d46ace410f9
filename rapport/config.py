"""``rapport.toml``: what may be set, and one clear line when something in it is wrong."""

import os
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from alerts.alert import Severity
from alerts.receivers.settings import Receiver
from alerts.rules import DEFAULTS
from events import Brand, Brands
from rapport.errors import UserError

PASSWORD_VARIABLE = "RAPPORT_CLICKHOUSE_PASSWORD"  # noqa: S105 - the name of a variable, not a password

Address = Annotated[str, Meta(pattern=r"^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$")]

Account = Annotated[str, Meta(min_length=1, max_length=1024)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Duration = Annotated[str, Meta(pattern=r"^\d{1,6}[smhd]$")]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
MOST_REPEAT = timedelta(days=1)  # an Alertmanager that hears nothing of an alert for longer takes it for resolved


def seconds(duration: Duration) -> timedelta:
    """Of `90s`, `10m`, `4h` or `1d`."""
    return timedelta(seconds=int(duration[:-1]) * SECONDS[duration[-1]])


class KafkaSection(Struct, frozen=True, forbid_unknown_fields=True):
    """``address`` of a real Kafka; without one an embedded one listens on ``port``, or on a free one."""

    address: Address | None = None
    port: Port | None = None
    partitions: Annotated[int, Meta(ge=1, le=1024)] = 4


class ClickHouseSection(Struct, frozen=True, forbid_unknown_fields=True):
    """``address`` of a real ClickHouse, native protocol; without one an embedded one listens on ``port``."""

    address: Annotated[str, Meta(pattern=r"^[^\s:,]+:\d{1,5}$")] | None = None
    port: Port | None = None
    database: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "rapport"
    user: str = "default"
    password_file: str | None = None


class RetentionSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Days; without them everything is kept."""

    text_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    dead_letter_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    score_days: Annotated[int, Meta(ge=180, le=36_500)] | None = None
    minute_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class RuleSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a rule is not as ``alerts.rules`` has it. ``for_`` is called ``for`` in the file."""

    enabled: bool = True
    threshold: Annotated[float, Meta(gt=0)] | None = None
    least: Annotated[int, Meta(ge=1)] | None = None
    for_: Duration | None = msgspec.field(default=None, name="for")
    severity: Severity | None = None


class AlertsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """``every``: between evaluations. ``grafana``: where people find it, for links. The rest is Alertmanager's."""

    every: Duration = "60s"
    group_wait: Duration = "30s"
    group_interval: Duration = "5m"
    repeat_interval: Duration = "4h"
    grafana: Annotated[str, Meta(pattern=r"^https?://[^\s]+$")] | None = None
    rules: dict[str, RuleSection] = {}
    receivers: dict[Name, Receiver] = {}

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where a rule is unknown or a time makes no sense."""
        for name in self.rules:
            if name not in DEFAULTS:
                raise ValueError(f"alerts.rules: there is no rule {name}; there are {', '.join(DEFAULTS)}")
        if not seconds(self.every):
            raise ValueError("alerts.every: at least 1s")
        if not timedelta() < seconds(self.repeat_interval) <= MOST_REPEAT:
            raise ValueError("alerts.repeat_interval: from 1s to 1d")


class BrandSection(Struct, frozen=True, forbid_unknown_fields=True):
    accounts: list[Annotated[str, Meta(min_length=1)]] = []
    match: list[Annotated[str, Meta(min_length=1)]] = []


class IngestSection(Struct, frozen=True, forbid_unknown_fields=True):
    """``contact``: a mail address or page by which a platform reaches whoever asks it so much."""

    contact: Annotated[str, Meta(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """``people`` are the other accounts of each person, by the account that stands for them.

    ``sources`` are checked by the connector of their kind, see ``ingest.sources``.
    """

    kafka: KafkaSection = KafkaSection()
    clickhouse: ClickHouseSection = ClickHouseSection()
    retention: RetentionSection = RetentionSection()
    ingest: IngestSection = IngestSection()
    sources: dict[Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)], dict[str, Any]] = {}
    brands: dict[Annotated[str, Meta(min_length=1, max_length=200)], BrandSection] = {}
    people: dict[Account, list[Account]] = {}
    alerts: AlertsSection = AlertsSection()

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where it would not be clear whose an account is."""
        of_brands = {account for section in self.brands.values() for account in section.accounts}
        persons: dict[str, str] = {}
        for person, accounts in self.people.items():
            for account in (person, *accounts):
                if account in of_brands:
                    raise ValueError(f"people: {account} is an account of a brand")
                if other := persons.get(account):
                    twice = f"of {person} " + ("is named twice" if other == person else f"belongs to {other}, too")
                    stands = account == person != other
                    raise ValueError(
                        f"people: {account} {f'stands for a person, and belongs to {other}' if stands else twice}"
                    )
                persons[account] = person


@dataclass(frozen=True, slots=True)
class Config:
    """``data`` holds everything the embedded engines keep; addresses are set where real ones are used."""

    data: Path
    file: File = field(default_factory=File)
    path: Path | None = None

    @property
    def brands(self) -> Brands:
        return Brands(
            Brand(name, frozenset(section.accounts), tuple(section.match)) for name, section in self.file.brands.items()
        )

    @property
    def people(self) -> list[tuple[str, str]]:
        """Accounts, each with the account that stands for its person."""
        return [(account, person) for person, accounts in self.file.people.items() for account in accounts]

    def password(self) -> str:
        """Of a real ClickHouse: from the environment or a file, never from ``rapport.toml``."""
        if self.file.clickhouse.password_file:
            path = Path(self.file.clickhouse.password_file)
            try:
                return path.read_text().strip()
            except OSError as error:
                raise UserError(f"{self.path}: clickhouse.password_file {path}: {error.strerror}") from error
        return os.environ.get(PASSWORD_VARIABLE, "")


def load(path: Path | None, data: Path) -> Config:
    """The configuration in ``path``; without one, ``./rapport.toml`` if it is there. Raises ``UserError``."""
    if path is None:
        path = Path("rapport.toml")
        if not path.exists():
            return Config(data)
    return Config(data, read(path), path)


def read(path: Path) -> File:
    """A file with nothing but ``[brands.…]`` is a valid one. Raises ``UserError``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name another file with --config") from error
    try:
        found = msgspec.convert(tomllib.loads(content.decode()), File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise UserError(f"{path}: {_in_words(str(error))}; see rapport.example.toml") from error
    if found.sources:
        _check(path, found.sources)
    return found


def _check(path: Path, tables: dict[str, dict[str, Any]]) -> None:
    from ingest.sources import SettingsError, read  # noqa: PLC0415 - who names no sources need not load any

    for name, table in tables.items():
        try:
            read(name, table)
        except SettingsError as error:
            raise UserError(f"{path}: {_in_words(str(error))}; see docs/sources.md") from error


def _in_words(message: str) -> str:
    what, _, where = message.partition(" - at ")
    what = what.replace("Object contains unknown field", "unknown setting")
    return f"{what} in {where.strip('`').removeprefix('$.')}" if where else what
