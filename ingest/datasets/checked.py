"""The files of a data set, once their sha256 has been compared."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from ingest.lines import ReadError


@cache
def expected(dataset: str) -> dict[str, str]:
    """File name to sha256, from ``SHA256SUMS``."""
    listed = (line.split("  ", 1) for line in files(__package__).joinpath("SHA256SUMS").read_text().splitlines())
    return {name.split("/")[1]: digest for digest, name in listed if name.startswith(f"{dataset}/")}


def named(path: str | Path, dataset: str) -> list[Path]:
    """The files of ``dataset`` at ``path`` (its folder, or one of them), by name. Raises ``ReadError``."""
    path, known = Path(path), expected(dataset)
    if path.is_file():
        if path.name not in known:
            raise ReadError(
                f"{path}: not a file of {dataset}, which has {', '.join(sorted(known)[:5])}; use another mapping"
            )
        return [path]
    found = [path / name for name in sorted(known)]
    missing = next((file for file in found if not file.is_file()), None)
    if missing:
        raise ReadError(f"{missing}: is missing; {dataset} is {len(known)} file(s), give their folder or one of them")
    return found


def checked(path: str | Path, dataset: str) -> list[Path]:
    """``named``, each file verified: a loader written for one version silently misreads another."""
    found = named(path, dataset)
    for file in found:
        try:
            with file.open("rb") as stream:
                actual = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise ReadError(f"{file}: {error.strerror or error}") from error
        if actual != (wanted := expected(dataset)[file.name]):
            raise ReadError(f"{file}: sha256 is {actual}, but {dataset} was written for {wanted}; get that version")
    return found


def size(path: str | Path, dataset: str) -> int:
    """Bytes of the files at ``path``. Raises ``ReadError``."""
    return sum(file.stat().st_size for file in named(path, dataset))
