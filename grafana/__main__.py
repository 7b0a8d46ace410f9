"""``make dashboards``: write what Grafana reads, from what stands in this folder's Python."""

import json
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from grafana import alerts
from grafana.boards import BOARDS
from grafana.dashboard import as_json

FOLDER = Path(__file__).parent


def generated() -> dict[Path, str]:
    """Text by file."""
    texts = {
        FOLDER / "dashboards" / f"{board.uid}.json": json.dumps(as_json(board), indent=1, ensure_ascii=False) + "\n"
        for board in BOARDS
    }
    return {**texts, FOLDER / "provisioning" / "alerting" / "rules.yaml": _yaml(alerts.as_yaml())}


def _yaml(content: object) -> str:
    yaml, written = YAML(), StringIO()
    yaml.width = 4096
    yaml.dump(content, written)
    return f"# Made by `make dashboards` from grafana/alerts.py.\n{written.getvalue()}"


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text)
        print(path.relative_to(FOLDER.parent))
