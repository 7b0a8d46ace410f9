"""``python -m ingest.scaffold NAME``: the files of a new connector, which keeps the contract of all as it stands."""

import re
import sys
from pathlib import Path

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
FILES = {
    "connector.txt": "ingest/sources/{kind}.py",
    "platform.txt": "rapport/demo/platforms/{kind}.py",
    "page.txt": "docs/sources/{kind}.md",
}
KINDS = "ingest/sources/__init__.py"


def scaffold(kind: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a connector for ``kind`` below ``root``. Raises ``ValueError`` for what is no name of one."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", kind):
        raise ValueError(f"{kind!r}: a kind is lower-case letters and digits, and begins with a letter")
    targets = {name: root / path.format(kind=kind) for name, path in FILES.items()}
    for target in targets.values():
        if target.exists():
            raise ValueError(f"{target.relative_to(root)} is there already")
    for name, target in targets.items():
        text = (HERE / name).read_text("utf-8")
        target.write_text(text.replace("@kind@", kind).replace("@KIND@", kind.upper()).replace("@Kind@", kind.title()))
    listed = root / KINDS
    before = listed.read_text("utf-8")
    inside = re.search(r"KINDS = \(\n(.*?)\)\n", before, re.DOTALL)
    if inside is None:
        raise ValueError(f"{KINDS} has no list of kinds")
    lines = sorted([*inside[1].splitlines(), f'    "{kind}",'])
    listed.write_text(before.replace(inside[1], "\n".join(lines) + "\n"))
    return [*targets.values(), listed]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make connector NAME=example")
    try:
        written = scaffold(sys.argv[1])
    except ValueError as error:
        sys.exit(f"error: {error}")
    for path in written:
        print(path.relative_to(ROOT))
    print("now: make check, then read CONTRIBUTING.md, «A connector in twenty minutes»")
