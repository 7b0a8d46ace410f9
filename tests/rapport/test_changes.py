"""Edits and deletions on a running pipeline: the tables are those of an offline run, what was taken back is gone."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from events import Activity, Actor, Interaction, Reference, encode
from rapport import access, offline
from rapport.config import load
from rapport.model import text_reader
from tests.rapport.pipelines import Running, plain, rapport, running
from tests.scoring.campaign_texts import spun
from warehouse import trends
from warehouse.rows import RELATIONSHIP, relationship_row

START = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = """
[brands.acme]
accounts = ["m:acme"]
match = ["acme"]
"""
SECRET = "a secret word to acme that nobody was ever meant to read, about zanzibar"
SHOWN = ("trust", "confidence", "verdict", "reciprocity", "effort", "content", "edited_by", "withdrawn_by")

pytestmark = pytest.mark.engines


def act(number: int, actor: str, to: str, hour: float, content: str = "", **fields: Any) -> Interaction:
    answered = fields.pop("answers", "")
    return Interaction(
        id=f"m:{number}",
        platform="m",
        type=fields.pop("type", Activity.CREATE),
        published=START + timedelta(hours=hour),
        actor=Actor(id=actor),
        to=(to,) if to else (),
        content=content,
        in_reply_to=Reference(id=answered, actor=to) if answered else None,
        **fields,
    )


SAID = [
    act(1, "m:eve", "m:acme", 1, "How do I mount the lamp on a wall of stone?"),
    act(2, "m:acme", "m:eve", 2, "Use the two long screws of bag seven, then press.", answers="m:1"),
    act(3, "m:eve", "m:acme", 3, "Thank you, that has worked at once!", answers="m:2"),
    act(4, "m:eve", "m:acme", 30, SECRET),
    act(5, "m:bob", "", 31, SECRET),
    act(6, "m:acme", "", 32, SECRET),
    act(7, "m:eve", "m:acme", 33, type=Activity.LIKE, object="m:2"),
    act(8, "m:ann", "m:acme", 34, SECRET),
    act(9, "m:ann", "m:acme", 35, "I am still here and like your lamps very much, acme."),
    *(act(20 + turn, f"m:spun{turn}", f"m:target{turn}", 40 + turn, spun(turn)) for turn in range(3)),
]
CHANGED = [
    act(51, "m:eve", "m:acme", 36, type=Activity.DELETE, object="m:4"),
    act(52, "m:bob", "", 36.1, type=Activity.DELETE, object="m:5"),
    act(53, "m:acme", "", 36.2, type=Activity.DELETE, object="m:6"),
    act(54, "m:eve", "m:acme", 36.3, type=Activity.UNDO, object="m:7"),
    act(55, "m:ann", "m:acme", 36.4, f"{SECRET}, twice", type=Activity.UPDATE, object="m:8"),
    act(56, "m:ann", "m:acme", 36.5, "When will my second lamp come, acme?", type=Activity.UPDATE, object="m:8"),
    act(57, "m:bob", "m:acme", 36.6, type=Activity.DELETE, object="m:1"),
    act(58, "m:spun1", "m:target1", 45, type=Activity.DELETE, object="m:21"),
    act(59, "m:late", "m:acme", 70, type=Activity.DELETE, object="m:60"),  # before what it is about
    act(60, "m:late", "m:acme", 60, SECRET),
]


def ingest(pipeline: Running, folder: Path, acts: Sequence[Interaction]) -> None:
    path = folder / "acts.jsonl"
    path.write_bytes(b"".join(encode(one) + b"\n" for one in acts))
    settings = folder / "rapport.toml"
    done = rapport("ingest", "file", path, "--config", settings, "--data", pipeline.config.data)
    assert done.returncode == 0, done.stderr
    pipeline.drain()


def test_what_its_author_changed_is_changed_everywhere(tmp_path: Path) -> None:
    """First everything is stored as it was said, with a campaign of three; then edits, deletions and an undoing come.
    Every row, relationship, trend and campaign ends as an offline run over all of it has them; a stranger's deletion
    changes nothing; the text of what is gone is in no view; `why` says what happened."""
    settings = tmp_path / "rapport.toml"
    settings.write_text(SETTINGS)
    with running(tmp_path / "data", settings) as pipeline:
        ingest(pipeline, tmp_path, SAID)
        names = pipeline.columns("interactions")
        before = pipeline.tables()
        assert any(SECRET in row[names["content"]] for row in before["interactions"])
        assert before["campaigns"]
        ingest(pipeline, tmp_path, CHANGED[:-1])
        ingest(pipeline, tmp_path, CHANGED[-1:])  # what is deleted already
        ingest(pipeline, tmp_path, SAID + CHANGED)  # all of it again
        after = pipeline.tables()
        rows, ties = offline.score(SAID + CHANGED, load(settings, tmp_path / "data").brands, text_reader())
        expected = {(row.interaction.id, row.brand): [getattr(row, name, None) for name in SHOWN] for row in rows}
        for row in rows:
            expected[row.interaction.id, row.brand][SHOWN.index("content")] = row.interaction.content
        assert {
            (row[names["id"]], row[names["brand"]]): [row[names[name]] for name in SHOWN]
            for row in after["interactions"]
        } == expected
        stored = {tuple(row[:2]): plain(row) for row in pipeline.relationships()}
        assert stored == {
            (tie.brand, tie.person): plain(relationship_row(tie)[: len(RELATIONSHIP) - 1]) for tie in ties
        }
        assert not after["campaigns"]
        withdrawn = {row[names["id"]] for row in after["interactions"] if row[names["withdrawn_by"]]}
        assert withdrawn == {"m:4", "m:5", "m:6", "m:7", "m:21", "m:60"}
        assert "zanzibar" not in repr(after)
        with access.warehouse(pipeline.config) as client:
            assert list(trends.differences(client)) == []
            ((volume, outbound),) = client.execute("SELECT sum(volume), sum(outbound) FROM trends WHERE brand = 'acme'")
        assert (volume, outbound) == (4, 1), "m:1, m:3, m:8, m:9 and m:2"
        why = [
            rapport("why", name, "--config", settings, "--data", pipeline.config.data).stdout for name in ("m:4", "m:8")
        ]
        assert "was taken back by its author [m:51]" in why[0]
        assert "edited by its author [m:56]" in why[1]
        shown = rapport("why", "m:8", "--format", "json", "--config", settings, "--data", pipeline.config.data).stdout
        assert json.loads(shown)[0]["published"].startswith("2026-03-02")
