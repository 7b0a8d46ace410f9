"""A mapping file: how the columns of a CSV file become interactions. ``mappings/example.toml`` shows every key.

Its ``[interaction]`` table has the shape of the contract; each string in it is a template, in which ``{name}`` stands
for a column. A field is absent where a column that its template names is empty.
"""

import codecs
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from events import Interaction, Invalid, decode_interaction, encode
from ingest.dead import DeadLetter, dead_letter
from ingest.lines import Reading
from ingest.rows import Row, rows

COLUMN = re.compile(r"\{([^{}]+)\}")
MENTION = re.compile(r"(?<!\w)@(\w+)")
WHOLE = re.compile(r"\s*(-?\d+)(?:\.0*)?\s*")
COUNTS = ("followers", "following", "posts")


class MappingError(Exception):
    """The mapping does not fit, or is none. The message is one line for the user."""


class _Strict(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An unknown key is a slip of the pen, not something to ignore."""


class ActorTemplate(_Strict, frozen=True):
    id: str
    name: str = ""
    created: str = ""
    followers: str = ""
    following: str = ""
    posts: str = ""
    automated: str = ""


class ReferenceTemplate(_Strict, frozen=True):
    id: str = ""
    actor: str = ""


class InteractionTemplate(_Strict, frozen=True, kw_only=True):
    id: str
    platform: str
    type: str = "Create"
    published: str
    actor: ActorTemplate
    to: tuple[str, ...] = ()
    content: str = ""
    language: str = ""
    url: str = ""
    in_reply_to: ReferenceTemplate | None = None
    object: str = ""
    conversation: str = ""
    brands: tuple[str, ...] = ()


class Mentions(_Strict, frozen=True):
    column: str
    account: str


class Mapping(_Strict, frozen=True):
    interaction: InteractionTemplate
    delimiter: str = ","
    encoding: str = "utf-8"
    time: tuple[str, ...] = ("iso",)
    integers: tuple[str, ...] = ()
    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mentions: Mentions | None = None

    def columns(self) -> dict[str, str]:
        """Every column named, with the key that names it."""
        named = dict.fromkeys(self.integers, "integers") | {name: f"keep.{name}" for name in self.keep}
        if self.mentions:
            named[self.mentions.column] = "mentions.column"
        for key, template in _strings(msgspec.to_builtins(self.interaction), "interaction"):
            named |= dict.fromkeys(COLUMN.findall(template), key)
        return named


def load_mapping(path: str | Path) -> Mapping:
    """Raise ``MappingError`` unless the file at ``path`` is a mapping."""
    try:
        mapping = msgspec.convert(tomllib.loads(Path(path).read_text("utf-8")), Mapping)
        if "\n".encode(codecs.lookup(mapping.encoding).name) != b"\n":
            raise MappingError(f"{path}: encoding {mapping.encoding} is not supported; convert the CSV to utf-8")
    except OSError as error:
        raise MappingError(
            f"{path}: {error.strerror or error}; give a mapping file or the name of a data set"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise MappingError(f"{path}: {error}; ingest/mappings/example.toml shows every key") from error
    except LookupError as error:  # also what codecs say of one that is not for text
        raise MappingError(f"{path}: encoding: {error}; name one that Python knows") from error
    if len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n':
        raise MappingError(f'{path}: delimiter must be one character, such as ",", ";" or "\\t"')
    for name in set(mapping.time) - {"iso", "unix", "unix_ms"}:
        try:
            datetime.strptime(datetime.now(UTC).strftime(name), name)
        except ValueError as error:
            raise MappingError(f"{path}: time {name!r}: {error}; use iso, unix, unix_ms or strptime codes") from error
    return mapping


def mapped(
    path: str | Path, name: str | Path, mapping: Mapping, now: datetime, reading: Reading
) -> Iterator[Interaction | DeadLetter]:
    """The interactions in the CSV file at ``path``; ``name`` is the mapping's, for messages.

    Raises ``MappingError`` when a column is missing, ``ReadError``.
    """
    checked = False
    for row in rows(path, reading, delimiter=mapping.delimiter, encoding=mapping.encoding):
        if isinstance(row, DeadLetter):
            yield row
            continue
        if not checked:
            _require(mapping, name, path, row.columns)
            checked = True
        if any(row.columns[column] not in allowed for column, allowed in mapping.keep.items()):
            reading.dropped += 1
            continue
        try:
            yield interaction(row, mapping, now)
        except Invalid as error:
            yield dead_letter(error.reason, error.detail, row.origin, row.payload)


def interaction(row: Row, mapping: Mapping, now: datetime) -> Interaction:
    """What ``row`` says. Raises ``Invalid``."""
    if row.surplus:
        raise Invalid("wrong_type", f"{row.surplus} fields more than the header has columns")
    columns = row.columns | {name: _whole(row.columns[name], name) for name in mapping.integers}
    filled = _filled(msgspec.to_builtins(mapping.interaction), columns) or {}
    if mapping.mentions:
        told = MENTION.findall(columns[mapping.mentions.column])
        accounts = [mapping.mentions.account.replace("{mention}", name) for name in told]
        filled["to"] = list(dict.fromkeys([*filled.get("to", []), *accounts]))
    if "published" in filled:
        filled["published"] = _time(filled["published"], mapping.time)
    actor = filled.get("actor", {})
    if "created" in actor:
        actor["created"] = _time(actor["created"], mapping.time)
    for name in COUNTS:
        if name in actor:
            actor[name] = int(_whole(actor[name], name))
    if "automated" in actor:
        actor["automated"] = _truth(actor["automated"])
    return decode_interaction(encode(filled), now)


def _strings(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, f"{key}.{name}")
    else:
        for inner in value or ():
            yield from _strings(inner, key)


def _require(mapping: Mapping, name: str | Path, path: str | Path, there: Iterable[str]) -> None:
    for column, key in mapping.columns().items():
        if column not in there:
            known = ", ".join(there)[:200]
            raise MappingError(
                f"{name}: {key} names the column {column!r}, which {path} does not have; it has: {known}"
            )


def _filled(template: Any, columns: dict[str, str]) -> Any:
    """``template`` with its columns in place; None where nothing is left of it."""
    if isinstance(template, dict):
        pairs = ((name, _filled(inner, columns)) for name, inner in template.items())
        return {name: value for name, value in pairs if value is not None} or None
    if not isinstance(template, str):
        return [value for value in (_filled(inner, columns) for inner in template or ()) if value] or None
    if not all(columns[name] for name in COLUMN.findall(template)):
        return None
    return COLUMN.sub(lambda match: columns[match[1]], template) or None


def _whole(text: str, name: str) -> str:
    """``17.0`` as ``17``; nothing stays nothing."""
    if not text:
        return text
    match = WHOLE.fullmatch(text)
    if not match or len(match[1]) > 19:
        raise Invalid("wrong_type", f"{name}: {text[:40]!r} is no whole number")
    return match[1]


def _truth(text: str) -> bool:
    if text.lower() in ("true", "1", "yes"):
        return True
    if text.lower() in ("false", "0", "no"):
        return False
    raise Invalid("wrong_type", f"automated: {text[:40]!r} is neither true nor false")


def _time(text: str, formats: tuple[str, ...]) -> str:
    for name in formats:
        try:
            if name in ("unix", "unix_ms"):
                time = datetime.fromtimestamp(float(text) / (1 if name == "unix" else 1000), UTC)
            else:
                time = datetime.fromisoformat(text) if name == "iso" else datetime.strptime(text, name)
        except (ValueError, OverflowError, OSError):
            continue
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
    raise Invalid("bad_time", f"{text[:40]!r} is none of {', '.join(formats)}")
