"""The real data sets through the whole pipeline, with the numbers that were published for them."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rapport.pipelines import Running, rapport, running

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RAPPORT_DATASETS", ROOT / "../shared/data"))
PUBLISHED = DATA.parent / "baselines" / "b7.log"
# Inbound tweets that mention the brand, share answered, median seconds to the first answer; more in PUBLISHED.
ANSWERS = {"ChipotleTweets": (226, 0.898, 592.0), "SouthwestAir": (72, 0.889, 272.0)}
ANSWERS_SQL = """
    SELECT i.brand, count() AS n, round(countIf(a.in_reply_to != '') / n, 3) AS answered,
        quantileExactInclusiveIf(0.5)(dateDiff('second', i.published, a.first), a.in_reply_to != '') AS median_seconds
    FROM interactions AS i
    LEFT JOIN (
        SELECT in_reply_to, min(published) AS first FROM interactions
        WHERE direction = 'outbound' AND in_reply_to != '' GROUP BY in_reply_to
    ) AS a ON a.in_reply_to = i.id
    WHERE i.direction != 'outbound' AND has(i.addressed, concat('twitter:', i.brand))
    GROUP BY i.brand HAVING n >= 30
"""
SCORES = ("trust", "confidence", "verdict", "reciprocity", "effort", "direction", "person")
EVERYTHING = """
    SELECT * FROM (SELECT count() AS rows, groupBitXor(cityHash64(*)) AS hash FROM interactions
    UNION ALL SELECT count(), groupBitXor(cityHash64(*)) FROM relationship FINAL
    UNION ALL SELECT count(), groupBitXor(cityHash64(*)) FROM trends)
    ORDER BY rows, hash
"""

pytestmark = [pytest.mark.engines, pytest.mark.datasets]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("datasets") / "data") as found:
        yield found


def ingest(pipeline: Running, name: str) -> str:
    """What the command says of the data set; those of another test may be there, of this one nothing may be."""
    if not (DATA / name).is_dir():
        pytest.skip(f"no data set at {DATA / name}; set RAPPORT_DATASETS to the folder that holds {name}")
    done = rapport("ingest", "file", DATA / name, "--mapping", name, "--data", pipeline.config.data, seconds=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(pipeline: Running, query: str) -> Any:
    done = rapport("sql", query, "--format", "json", "--data", pipeline.config.data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def published() -> dict[str, tuple[int, float, float]]:
    if not PUBLISHED.exists():
        return ANSWERS
    row = re.compile(r"(\w+) +(\d+) +([\d.]+) +([\d.]+)")
    found = (row.fullmatch(line) for line in PUBLISHED.read_text().splitlines())
    return {match[1]: (int(match[2]), float(match[3]), float(match[4])) for match in found if match}


def test_twcs(pipeline: Running) -> None:
    """As many rows as tweets, the published answers by SQL, and the scores of `rapport score` for every id."""
    assert ingest(pipeline, "twcs") == "new 5000  repeated 0  dead-lettered 0\n"
    assert ask(pipeline, "SELECT count() AS n, uniqExact(id) AS ids FROM interactions") == [{"n": 5_000, "ids": 5_000}]
    rows = ask(pipeline, ANSWERS_SQL)
    found = {row["brand"]: (row["n"], row["answered"], row["median_seconds"]) for row in rows}
    expected = published()
    assert {brand: found.get(brand) for brand in expected} == expected
    assert found["marksandspencer"][:2] == (109, 0.22)
    assert len(expected) in (len(ANSWERS), len(found))

    done = rapport("score", DATA / "twcs", "--mapping", "twcs")
    scored = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    for row in ask(pipeline, f"SELECT id, {', '.join(SCORES)} FROM interactions WHERE platform = 'twitter'"):
        assert row == {name: scored[row["id"]][name] for name in ("id", *SCORES)}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ibm_cc", "new 2343  repeated 7  dead-lettered 0\n"),
        ("youtube_spam", "new 1953  repeated 3  dead-lettered 0\n"),
    ],
)
def test_small_sets(pipeline: Running, name: str, said: str) -> None:
    """Each id is stored once, however often the file has it."""
    count = "SELECT count() AS n FROM interactions"
    before = ask(pipeline, count)[0]["n"]
    assert ingest(pipeline, name) == said
    assert ask(pipeline, count)[0]["n"] - before == int(said.split()[1])


@pytest.mark.timeout(1200)
def test_youtube_corpus_twice(pipeline: Running) -> None:
    """81,241 comments in one run; the second run adds nothing and changes no number in any table."""
    before = ask(pipeline, "SELECT count() AS n FROM interactions")[0]["n"]
    _, new, _, repeated, _, dead = ingest(pipeline, "youtube_corpus").split()
    assert (int(new) + int(repeated), dead) == (81_241, "0")
    assert int(repeated) <= 8, "comments that youtube_spam has, too"
    once = ask(pipeline, EVERYTHING)
    assert ask(pipeline, "SELECT count() AS n FROM interactions")[0]["n"] - before == int(new)
    assert ingest(pipeline, "youtube_corpus") == "new 0  repeated 81241  dead-lettered 0\n"
    assert ask(pipeline, EVERYTHING) == once
