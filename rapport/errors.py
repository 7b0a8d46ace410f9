"""What a user can mend, in one line."""

import errno


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
LIMITS = {
    159: "it took longer than a reader's query may",
    241: "it takes more memory than a reader's query may",
    396: "it has more rows than a reader's query may",
}
NARROWER = "; ask for one brand, less time, or with LIMIT"


def explained(error: BaseException) -> str | None:
    """The line to show for ``error``; ``None`` where it is a fault of ours and the traceback is wanted."""
    for kind in type(error).__mro__:
        if kind.__name__ == "ServerException" and (limit := LIMITS.get(getattr(error, "code", 0))):
            return f"the query was ended: {limit}{NARROWER}"
        if line := SAID_BY.get(kind.__name__):
            return line.format(_reason(getattr(error, "message", "") or str(error) or kind.__name__))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # a write that fails does not name its file
        return f"{error.filename or 'the disk'}: {error.strerror}; make room or choose another --data"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return None


def _reason(text: str) -> str:
    """What an engine says, without what it adds for its developers."""
    return " ".join(text.split("Stack trace:", maxsplit=1)[0].removeprefix("DB::Exception:").split())[:500]
