"""`rapport owed`, `rapport audit` and `rapport why` on a running pipeline: the debts of some weeks, in words."""

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.rapport.pipelines import Running, rapport, running

pytestmark = pytest.mark.engines

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTILE = "\x1b[31m=cmd|calc\u202e\r\n"
BRANDS = '[brands.shop]\naccounts = ["sim:shop"]\n[brands.pest]\naccounts = ["sim:pest"]\n'
LINK = "Limited offer! Buy now and win a free voucher at http://best-deals-today.example/win"


def said(days: float, actor: str, to: str, content: str, talk: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"sim:{talk}:{days}",
        "platform": "sim",
        "type": "Create",
        "published": (NOW - timedelta(days=days)).isoformat(),
        "actor": {"id": actor},
        "to": [to],
        "content": content,
        "conversation": talk,
        **more,
    }


ASKED = [
    "Hello, how do I reset my lamp after the update? The light stays red.",
    "Does anybody know how I can reset the lamp? I tried the button twice.",
    f"Can you please tell me how to reset the lamp?{HOSTILE}",
]
ACTS = [
    *(said(days, "sim:ann", "sim:shop", text, "lamp") for days, text in zip((20, 14, 8), ASKED, strict=True)),
    said(
        6,
        "sim:ben",
        "sim:shop",
        "My order arrived with a broken handle, can you help me?",
        "handle",
        url="http://a.b/1",
    ),
    said(
        *(5.9, "sim:shop", "sim:ben", "Sorry to hear that! We will look into it and get back to you.", "handle"),
        inReplyTo={"id": "sim:handle:6", "actor": "sim:ben"},
    ),
    said(3, "sim:cem", "sim:shop", "How long does a delivery to the islands take?", "islands"),
    said(
        *(2.9, "sim:shop", "sim:cem", "Which of the islands do you live on?", "islands"),
        inReplyTo={"id": "sim:islands:3", "actor": "sim:cem"},
    ),
    *(said(1 + n / 20_000, "sim:pest", f"sim:p{n}", LINK, f"offer {n}") for n in range(20)),
]


@dataclass(frozen=True)
class Loaded:
    pipeline: Running
    settings: Path

    def rapport(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        done = rapport(*arguments, "--config", self.settings, "--data", self.pipeline.config.data)
        assert done.returncode == 0, done.stderr
        return done

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.rapport(*arguments, "--format", "json").stdout)
        return found


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("owed")
    file, settings = folder / "acts.jsonl", folder / "rapport.toml"
    file.write_text("".join(json.dumps(act) + "\n" for act in ACTS))
    settings.write_text(BRANDS)
    with running(folder / "data", settings) as pipeline:
        done = rapport("ingest", "file", file, "--config", settings, "--data", pipeline.config.data)
        assert done.returncode == 0, done.stderr
        yield Loaded(pipeline, settings)


def test_what_is_owed_comes_with_reasons_and_the_text_that_waits(loaded: Loaded) -> None:
    """The first of three questions, the brand's own promise, and its own question."""
    rows = {row["person"]: row for row in loaded.json("owed", "--brand", "shop")}
    ann, ben, cem = (rows[f"sim:{name}"] for name in ("ann", "ben", "cem"))
    assert (ann["by"], ann["kind"], ann["asks"], ann["id"]) == ("us", "question", 3, "sim:lamp:20")
    assert ann["reasons"][0] == "third question in 20 days, none answered"
    assert ann["text"] == ASKED[0]
    assert (ben["by"], ben["kind"], ben["id"]) == ("us", "promise", "sim:handle:5.9")
    assert ben["reasons"][0] == "we promised to come back 6 days ago"
    assert (cem["by"], cem["kind"], cem["text"]) == ("them", "our_question", "Which of the islands do you live on?")
    scores = [row["score"] for row in loaded.json("owed")]
    assert scores == sorted(scores, reverse=True)


def test_owed_by_one_side(loaded: Loaded) -> None:
    """Only theirs, or only the most pressing one; CSV has the same columns."""
    assert {row["person"] for row in loaded.json("owed", "--by", "them")} == {"sim:cem"}
    assert {row["by"] for row in loaded.json("owed", "--by", "us")} == {"us"}
    assert len(loaded.json("owed", "--limit", "1")) == 1
    table = list(csv.DictReader(io.StringIO(loaded.rapport("owed", "--format", "csv").stdout)))
    assert [row["person"] for row in table] == [row["person"] for row in loaded.json("owed")]
    assert table[0].keys() == loaded.json("owed")[0].keys()


def test_the_table_is_short_and_harmless(loaded: Loaded) -> None:
    """One line per debt; a brand without debts is told so."""
    shown = loaded.rapport("owed").stdout
    assert len(shown.splitlines()) == 4
    assert not set(shown) & set("\x1b\u202e\r")
    assert "third question in 20 days" in shown
    nothing = loaded.rapport("owed", "--brand", "nobody")
    assert nothing.stderr.startswith("nothing is owed for nobody; debts count for 45 days")


def test_why_tells_debts_and_reliability(loaded: Loaded) -> None:
    """What is known too little is said to be so; JSON has the debts."""
    shown = loaded.rapport("why", "sim:ann").stdout
    assert "    by us: third question in 20 days, none answered" in shown
    assert "insufficient data" in shown
    (row,) = loaded.json("why", "sim:ann")
    assert (row["accounts"], [debt["kind"] for debt in row["debts"]]) == ([], ["question"])
    (tie, *_) = (row for row in loaded.json("relationships", "--brand", "shop") if row["person"] == "sim:ann")
    assert {"reliability_low_ours", "observed_theirs", "help_theirs", "person_fixes"} <= tie.keys()
    header = loaded.rapport("relationships").stdout.splitlines()[0]
    assert header.split()[5:7] == ["we_answer", "they_answer"]


def test_the_audit_warns_the_brand_that_behaves_like_a_spammer(loaded: Loaded) -> None:
    """And not the one that answers; exit code 0 for both."""
    pest, shop = loaded.rapport("audit").stdout.split("\n\n")
    assert pest.startswith("pest: ") and "WARNING: " in pest
    assert "the same text again and again, or to many" in pest
    assert shop.startswith("shop: ") and "WARNING" not in shop
    assert "promises of the brand: 1 made, 0 kept, 0 broken" in shop
    (row,) = loaded.json("audit", "--brand", "pest")
    assert (row["own"]["acts"], row["own"]["like_a_spammer"]) == (20, True)
    assert row["own"]["months"][0]["platform"] == "sim"
    late = loaded.rapport("audit", "--brand", "shop", "--since", f"{NOW:%Y-%m-%d}").stdout
    assert "it did nothing itself in that time" in late
    assert loaded.rapport("audit", "--brand", "nobody").stderr == "nothing is stored about nobody\n"


def test_trends_show_how_much_is_real(loaded: Loaded) -> None:
    """Shares with their interval in the table, in columns of their own in JSON."""
    begin = f"{NOW - timedelta(days=40):%Y-%m-%d}"
    rows = loaded.json("trends", "--brand", "shop", "--since", begin)
    for name in ("real_share", "people_share", "ties_share"):
        assert {name, f"{name}_low", f"{name}_high"} <= rows[0].keys()
    header, first, *_ = loaded.rapport("trends", "--brand", "shop", "--since", begin).stdout.splitlines()
    assert header.split()[-3:] == ["real_share", "people_share", "ties_share"]
    assert " % (" in first
