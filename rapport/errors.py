"""What a user can mend, in one line."""

import errno
import re


class UserError(Exception):
    """One line that says what is wrong, where, and what to do. The command ends with exit code 1."""


SEE_DOCTOR = "; see `rapport doctor`"

# By name, so that a command that never spoke to Kafka need not import it to fail.
SAID_BY = {
    **dict.fromkeys(
        (
            "UserError",
            "EmbeddedError",
            "ReadError",
            "MappingError",
            "PublishError",
            "Mismatch",
            "MigrationException",
            "ModelError",
            "SettingsError",
            "SecretError",
            "LedgerError",
        ),
        "{}",
    ),
    "ServerException": "ClickHouse says: {}",
    "NetworkError": "ClickHouse does not answer: {}" + SEE_DOCTOR,
    "SocketTimeoutError": "ClickHouse does not answer: {}" + SEE_DOCTOR,
    "KafkaError": "Kafka does not answer: {}" + SEE_DOCTOR,
}

# By ClickHouse's code of the error: what a reader's query came to the end of.
MEMORY = 241
LIMITS = {
    159: "it took longer than a reader's query may",
    MEMORY: "it takes more memory than a reader's query may",
    396: "it has more rows than a reader's query may",
}
NARROWER = "; ask for one brand, less time, or with LIMIT"
ADMINISTRATOR = "asked as an administrator"  # a note on an error: the reader's limits were not what ended it
MORE_MEMORY = "; stop what else runs there, or give it more memory, then run it again"


def explained(error: BaseException) -> str | None:
    """The line to show for ``error``; ``None`` where it is a fault of ours and the traceback is wanted."""
    for kind in type(error).__mro__:
        if kind.__name__ == "ServerException" and (line := _limit(error)):
            return line
        if line := SAID_BY.get(kind.__name__):
            return line.format(_reason(getattr(error, "message", "") or str(error) or kind.__name__))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # a write that fails does not name its file
        return f"{error.filename or 'the disk'}: {error.strerror}; make room or choose another --data"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return None


def _limit(error: BaseException) -> str | None:
    """Which limit a query came to the end of, with ClickHouse's own figure; whose it was decides what to do."""
    code, text = getattr(error, "code", 0), str(getattr(error, "message", ""))
    found = re.search(r"max(?:imum| rows): ([\d.]+(?: \w+)?)", text)
    figure = f" ({found[1]})" if found else ""
    administrator = ADMINISTRATOR in getattr(error, "__notes__", ())
    if code == MEMORY and (administrator or "total" in text.partition("exceeded")[0]):
        whose = "an administrator's query takes more than it" if administrator else "all queries take more than they"
        return f"ClickHouse ran out of memory: {whose} may{figure}{MORE_MEMORY}"
    if administrator or code not in LIMITS:
        return None
    return f"the query was ended: {LIMITS[code]}{figure}{NARROWER}"


def _reason(text: str) -> str:
    """What an engine says, without what it adds for its developers."""
    return " ".join(text.split("Stack trace:", maxsplit=1)[0].removeprefix("DB::Exception:").split())[:500]
