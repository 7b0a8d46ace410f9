"""A certificate for the tests' receivers, made anew for each run."""

import ssl
import subprocess
from pathlib import Path

import pytest


def certificate(folder: Path, name: str) -> Path:
    """Of ``name``, self-signed, with its key in one file. Skips the test where there is no openssl."""
    key, signed, both = folder / "key.pem", folder / "signed.pem", folder / "both.pem"
    command = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name}"
    files = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(signed)]
    try:
        subprocess.run([*command.split(), *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here to make a certificate with")
    both.write_text(key.read_text() + signed.read_text())
    return both


def serving(certified: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certified)
    return made
