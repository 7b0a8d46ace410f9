"""The set-up step installs exactly the listed jars, or nothing."""

import hashlib
import re
from pathlib import Path

import pytest

from rapport.embedded import jars
from rapport.embedded.service import EmbeddedError

GOOD = {"a.jar": b"one", "b.jar": b"two"}
SUMS = {name: hashlib.sha256(body).hexdigest() for name, body in GOOD.items()}


def resolving(monkeypatch: pytest.MonkeyPatch, bodies: dict[str, bytes]) -> list[Path]:
    calls: list[Path] = []

    def resolve(folder: Path) -> None:
        calls.append(folder)
        for name, body in bodies.items():
            (folder / name).write_bytes(body)

    monkeypatch.setattr(jars, "resolve", resolve)
    return calls


def test_install_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run finds everything and fetches nothing; a damaged jar is fetched again."""
    calls = resolving(monkeypatch, GOOD)
    target = tmp_path / "share" / "kafka"
    assert jars.install(target, SUMS)
    assert not jars.install(target, SUMS)
    assert len(calls) == 1
    (target / "a.jar").write_bytes(b"damaged")
    assert jars.install(target, SUMS)
    assert jars.found(target) == SUMS


@pytest.mark.parametrize(
    ("bodies", "line"),
    [
        ({"a.jar": b"one"}, "b.jar is missing"),
        (GOOD | {"a.jar": b"changed"}, "a.jar is not the file"),
        (GOOD | {"c.jar": b"extra"}, "c.jar is not listed"),
    ],
)
def test_nothing_is_half_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bodies: dict[str, bytes], line: str
) -> None:
    """A missing, changed or extra jar gives one line and leaves no folder behind."""
    resolving(monkeypatch, bodies)
    with pytest.raises(EmbeddedError, match=line):
        jars.install(tmp_path / "kafka", SUMS)
    assert list(tmp_path.iterdir()) == []


def test_main_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure is one line on stderr and exit code 1."""
    monkeypatch.setattr(jars, "install", lambda: jars.check(tmp_path, SUMS))
    assert jars.main() == 1
    assert re.fullmatch(r"error: a\.jar is missing.*\n", capsys.readouterr().err)


def test_the_committed_list() -> None:
    """It names Kafka and a logger, each with a sum."""
    listed = jars.expected()
    assert {"kafka_2.13-4.1.1.jar", "kafka-clients-4.1.1.jar", "slf4j-simple-1.7.36.jar"} <= set(listed)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in listed.values())
