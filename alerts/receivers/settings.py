"""What ``[alerts.receivers.NAME]`` may say, and where its secrets come from: the environment or a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from alerts.alert import Severity
from alerts.guard import allowed

Kind = Literal["webhook", "alertmanager", "slack", "discord", "teams", "pagerduty", "email"]
Address = Annotated[str, Meta(pattern=r"^[^\s@<>]+@[^\s@<>]+$")]

# By type: the secrets that it must have, and the ones it may have.
SECRETS: dict[str, tuple[set[str], set[str]]] = {
    "webhook": ({"url", "secret"}, set()),
    "alertmanager": ({"url"}, set()),
    "slack": ({"url"}, set()),
    "discord": ({"url"}, set()),
    "teams": ({"url"}, set()),
    "pagerduty": ({"routing_key"}, {"url"}),
    "email": (set(), {"password"}),
}
OF_EMAIL = ("server", "sender", "to")


class ReceiverError(ValueError):
    """One line: which receiver cannot be used as it is configured, and why. It holds no secret."""


class Receiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``severity`` is the lowest that it is told of.

    Each secret is named by the variable (``…_env``) or the file (``…_file``) that holds it. ``secret`` may be two, one
    a line, while it is being changed: both sign. ``allow`` names internal addresses that may be reached. E-mail has a
    ``server`` (host:port), ``from`` and ``to``.
    """

    type: Kind
    severity: Severity = Severity.INFO
    url_env: str | None = None
    url_file: str | None = None
    secret_env: str | None = None
    secret_file: str | None = None
    routing_key_env: str | None = None
    routing_key_file: str | None = None
    allow: tuple[str, ...] = ()
    allow_http: bool = False
    server: Annotated[str, Meta(pattern=r"^[^\s:,@/]+:\d{1,5}$")] | None = None
    sender: Address | None = field(default=None, name="from")
    to: tuple[Address, ...] = ()
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: str | None = None
    password_file: str | None = None

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where a setting is missing, or does nothing for this type."""
        needed, optional = SECRETS[self.type]
        for name in ("url", "secret", "routing_key", "password"):
            told = [setting for setting in (f"{name}_env", f"{name}_file") if getattr(self, setting)]
            if len(told) > 1:
                raise ValueError(f"{' and '.join(told)}: say one of them")
            if told and name not in needed | optional:
                raise ValueError(f"{self.type} takes no {told[0]}")
            if not told and name in needed:
                raise ValueError(f"{self.type} needs {name}_env or {name}_file")
        for name in OF_EMAIL:
            word = "from" if name == "sender" else name
            if self.type == "email" and not getattr(self, name):
                raise ValueError(f"email needs {word}")
            if self.type != "email" and getattr(self, name):
                raise ValueError(f"{self.type} takes no {word}")
        if self.type == "email":
            self._check_login()
        allowed(self.allow)

    def _check_login(self) -> None:
        password = bool(self.password_env or self.password_file)
        if password != bool(self.user):
            raise ValueError("user and the password go together")
        if password and self.security == "none":
            raise ValueError("a password is not sent without encryption; set security to starttls or tls")

    def secret(self, name: str, environment: Mapping[str, str]) -> str:
        """``url``, ``secret``, ``routing_key`` or ``password``; empty where none is named. Raises ``ReceiverError``."""
        value: str
        if variable := getattr(self, f"{name}_env"):
            if not (value := environment.get(variable, "").strip()):
                raise ReceiverError(f"the environment variable {variable} is not set")
            return value
        if file := getattr(self, f"{name}_file"):
            try:
                value = Path(file).read_text("utf-8").strip()
            except OSError as error:
                raise ReceiverError(f"{name}_file {file}: {error.strerror}") from error
            except UnicodeDecodeError:
                raise ReceiverError(f"{name}_file {file}: not UTF-8") from None
            if not value:
                raise ReceiverError(f"{name}_file {file} is empty")
            return value
        return ""
