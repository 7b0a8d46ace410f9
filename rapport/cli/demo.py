"""`rapport demo`: simulate, ingest, score, store, and say what came out beside what is true."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clickhouse_driver import Client
from msgspec import structs

from rapport import access
from rapport.cli.options import DATA, say
from rapport.config import Config, read
from rapport.demo import simulator
from rapport.demo.judge import auc
from rapport.demo.truth import Truth
from rapport.feed import feed
from rapport.up import pipeline


def run_demo(config: Config, seed: int) -> None:
    folder = _audience(config.data / "demo", seed)
    brands = read(folder / simulator.BRANDS).brands
    config = replace(config, file=structs.replace(config.file, brands=brands))
    with pipeline(config, say) as (supervisor, _), supervisor.watching():
        report = feed(config, [str(folder / simulator.INTERACTIONS)], config.brands, None, wait=True)
        say(f"new {report.new}, repeated {report.repeated}, dead-lettered {report.dead.total()}")
        with access.warehouse(config) as client:
            print(_summary(client, simulator.read_truth(folder)))
    where = "" if config.data == DATA else f" --data {config.data}"
    print(
        f"""
Look next (the data stay in {config.data}; all of this works while nothing runs):
  rapport relationships --brand {min(brands)}{where}
  rapport trends --brand {min(brands)} --step week --since {_half_a_year_ago()}{where}
  rapport sql "SELECT verdict, count() FROM interactions GROUP BY verdict"{where}
  rapport why ID{where}    with any id or person of these tables
What is true of this audience stands in {folder / simulator.TRUTH}."""  # noqa: S608 - a hint for people
    )


def _audience(folder: Path, seed: int) -> Path:
    """The simulated audience of ``seed``, made once: a second demo meets the same people."""
    folder = folder / str(seed)
    if (folder / simulator.TRUTH).exists():
        say(f"the audience of seed {seed} is there already")
        return folder
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    simulation = simulator.simulate(seed, simulator.DEFAULT_DAYS, simulator.DEFAULT_PEOPLE, end)
    simulator.write(simulation, folder)
    say(f"simulated {len(simulation.interactions):,} interactions of {simulator.DEFAULT_DAYS} days")
    return folder


def _summary(client: Client, truth: Truth) -> str:
    lines = ["", "brand      said about it   of that trusted   people   real relationships"]
    for row in client.execute(
        """
        SELECT brand, count() AS volume, sum(trust) / volume AS share, uniqExact(person) AS people,
            (SELECT countIf(class = 'real') FROM relationships_now WHERE brand = interactions.brand)
        FROM interactions WHERE direction != 'outbound' AND brand != '' GROUP BY brand ORDER BY brand
        """
    ):
        brand, volume, share, people, real = row
        lines.append(f"{brand:<10} {volume:>13,}   {share:>15.0%}   {people:>6,}   {real:>18,}")
    acts = client.execute("SELECT id, max(trust) FROM interactions WHERE direction != 'outbound' GROUP BY id")
    judged = [(trust, truth.acts[identifier].genuine) for identifier, trust in acts if identifier in truth.acts]
    ties = dict(client.execute("SELECT (brand, person), class FROM relationships_now"))
    right = sum(ties.get((pair.brand, pair.person)) == pair.class_ for pair in truth.pairs)
    lines += [
        "",
        f"Against the truth: trust tells genuine from fake with AUC {auc(judged):.3f};"
        f" {right / len(truth.pairs):.0%} of {len(truth.pairs):,} relationships have their true class.",
    ]
    return "\n".join(lines)


def _half_a_year_ago() -> str:
    now = datetime.now(UTC)
    return f"{now.replace(year=now.year - (now.month <= 6), month=(now.month + 5) % 12 + 1, day=1):%Y-%m-%d}"
