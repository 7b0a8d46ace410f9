"""The kinds of sources, a module each: ``Settings`` of its table in ``rapport.toml``, ``sources`` made from them.

``CANNOT`` says what the platform does not let anybody see.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from importlib import import_module
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from ingest.source import Setting, Source

KINDS = (
    "bluesky",
    "discourse",
    "file",
    "github",
    "hackernews",
    "jetstream",
    "mastodon",
    "reddit",
    "rss",
    "stackexchange",
    "webhook",
    "x",
    "youtube",
)


class SettingsError(Exception):
    """A table of ``[sources]`` cannot be used. The message is one line for the user."""


class Connector(Protocol):
    """A module of this package. ``CANNOT``: what the platform does not let anybody see, for ``source_status``."""

    CANNOT: str
    Settings: type[Any]

    def sources(self, settings: Any, setting: Setting) -> list[Source]: ...


class Common(msgspec.Struct, frozen=True):
    """What every table of ``[sources]`` may say: its ``kind``, since when its past is wanted, how often to ask."""

    kind: str
    since: datetime | None = None
    every_seconds: Annotated[float, Meta(ge=1)] | None = None


def read(name: str, table: Mapping[str, Any]) -> tuple[Common, Connector, Any]:
    """The table ``[sources.name]``, checked: what is common, its module, its own settings. Raises ``SettingsError``."""
    if type(day := table.get("since")) is date:  # TOML has days, too
        table = {**table, "since": datetime.combine(day, time(), UTC)}
    try:
        common = msgspec.convert(table, Common)
        if common.kind not in KINDS:
            raise SettingsError(f"[sources.{name}]: unknown kind {common.kind!r}; there are {', '.join(KINDS)}")
        module: Any = import_module(f"ingest.sources.{common.kind}")
        own = {key: value for key, value in table.items() if key not in Common.__struct_fields__}
        return common, module, msgspec.convert(own, module.Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"[sources.{name}]: {error}") from error
