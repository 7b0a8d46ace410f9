"""Set-up step of ``make setup``: ``python -m rapport.text_model`` installs the text model, once."""

import sys
import zipfile
from pathlib import Path

from scoring.encoder import FOLDER, NAME, SHA256, ModelError, verify

ARTEFACT = f"dev.langchain4j:langchain4j-embeddings-{NAME}:1.0.0-beta5"


def install(folder: Path = FOLDER) -> bool:
    """Puts the verified model into ``folder``; False if it was there. Raises ModelError."""
    try:
        verify(folder)
    except ModelError:
        _extract(_jar(), folder)
        verify(folder)
        return True
    return False


def _jar() -> Path:
    try:
        import jgo  # noqa: PLC0415  (only the set-up needs it)

        jars = [Path(jar) for jar in jgo.build(ARTEFACT).all_jars]
        return next(jar for jar in jars if f"embeddings-{NAME}-" in jar.name)
    except Exception as problem:  # whatever a resolver of Maven artefacts can raise
        raise ModelError(f"cannot fetch {ARTEFACT}: {problem}; check the network and run: make setup") from problem


def _extract(jar: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(jar) as archive:
        for name in SHA256:
            partial = folder / f"{name}.partial"  # never a half-written file under the real name
            partial.write_bytes(archive.read(name))
            partial.replace(folder / name)


if __name__ == "__main__":
    try:
        done = install()
    except ModelError as problem:
        sys.exit(f"error: {problem}")
    print(f"text model {'installed in' if done else 'present in'} {FOLDER}", file=sys.stderr)
