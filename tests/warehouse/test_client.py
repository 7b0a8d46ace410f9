"""Which errors are waited out, and what is never shown."""

import pytest
from clickhouse_driver.errors import NetworkError, ServerException, UnexpectedPacketFromServerError

from warehouse.client import ClickHouse, passing


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (NetworkError("refused"), True),
        (EOFError("connection closed"), True),
        (ConnectionResetError(), True),
        (ServerException("TOO_MANY_PARTS", 252), True),
        (ServerException("Unknown table", 60), False),
        (ServerException("Authentication failed", 516), False),
        (UnexpectedPacketFromServerError("?"), False),
        (ValueError("ours"), False),
    ],
)
def test_only_passing_errors_are_waited_out(error: Exception, waits: bool) -> None:
    """A service that is away comes back; a missing table or a bug of ours does not go away by itself."""
    assert passing(error) is waits


def test_the_password_is_not_shown() -> None:
    """Settings are printed in logs and errors; the password is not."""
    assert "secret" not in repr(ClickHouse(password="secret"))
