"""Secrets: named in ``rapport.toml``, read from the environment or from a file, never shown."""

import os
from pathlib import Path

from msgspec import Struct


class SecretError(Exception):
    """A secret cannot be read. The message is one line for the user, without the secret."""


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret stands: ``{ env = "NAME" }`` or ``{ file = "PATH" }``."""

    env: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        if bool(self.env) == bool(self.file):
            raise ValueError("a secret needs either env or file")

    def read(self) -> str:
        """Raises ``SecretError`` when it is not there."""
        if self.env:
            if value := os.environ.get(self.env, "").strip():
                return value
            raise SecretError(f"the environment variable {self.env} is not set; it holds a secret of [sources]")
        try:
            return Path(self.file).read_text().strip()
        except OSError as error:
            raise SecretError(f"{self.file}: {error.strerror}; it holds a secret of [sources]") from error
