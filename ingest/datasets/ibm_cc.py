"""IBM customer-care conversations (Apache-2.0): 1,025 conversations, 25 brands, 2,343 tweets of which 7 occur twice.

A conversation ends with a turn that the data keep apart (``agentURL``): the brand's last answer, without a time. The
given duration does not help, for it has lost its whole days (a difference of 13 days and 11 hours says -12:14:20). A
tweet's id holds its time, though: on the 1,325 turns that have both, they agree to the second. So that is used.

Turns answer each other in order. An act's brand is: the agent who speaks, the agent who is answered, the first agent
of the conversation who is mentioned, the company. ``to`` holds that brand's account if the text mentions it; an
agent's turn goes to the last client before it.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from events import Activity, Actor, Brand, Interaction, Reference
from ingest.datasets.checked import checked, size
from ingest.lines import Reading

NAME = "ibm_cc"
MENTION = re.compile(r"@(\w+)")
TWITTER_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, UTC)


def measure(path: str | Path) -> int:
    return size(path, NAME)


def brands(path: str | Path) -> tuple[Brand, ...]:
    companies = {talk["dialogHeader"]["company"] for file in checked(path, NAME) for talk in _conversations(file)}
    return tuple(Brand(name, frozenset({_account(name)})) for name in sorted(companies))


def read(path: str | Path, reading: Reading) -> Iterator[Interaction]:
    for file in checked(path, NAME):
        for talk in _conversations(file):
            yield from _turns(talk)
        reading.done += file.stat().st_size


def tweeted(tweet: str) -> datetime:
    """The time in a tweet's id, in whole seconds as in the rest of the data."""
    return (TWITTER_EPOCH + timedelta(milliseconds=int(tweet) >> 22)).replace(microsecond=0)


def _conversations(file: Path) -> list[dict[str, Any]]:
    talks: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return talks


def _turns(talk: dict[str, Any]) -> Iterator[Interaction]:
    company, last = talk["dialogHeader"]["company"], talk["agentURL"]
    turns = [
        *talk["dialogContent"],
        {"agent": company, "tweet_ID": last["tweet_ID"], "message": last["url_utterance"], "datetime": None},
    ]
    agents = {turn["agent"] for turn in turns if "agent" in turn}
    before, client = "", ""  # who spoke the turn before, and the last one who is no agent
    for number, turn in enumerate(turns):
        speaker = turn.get("agent") or turn.get("client") or turn["client1"]
        mentioned = [name.lower() for name in MENTION.findall(turn["message"])]
        told = next((agent for name in mentioned for agent in agents if agent.lower() == name), company)
        brand = next(name for name in (speaker, before, told) if name in agents)
        to = client if speaker in agents else brand if brand.lower() in mentioned else ""
        yield Interaction(
            id=f"twitter:{turn['tweet_ID']}",
            platform="twitter",
            type=Activity.CREATE,
            published=datetime.fromisoformat(turn["datetime"]) if turn["datetime"] else tweeted(turn["tweet_ID"]),
            actor=Actor(id=_account(speaker), name=speaker),
            to=(_account(to),) if to else (),
            content=turn["message"],
            in_reply_to=_parent(turns[number - 1], before) if number else None,
            conversation=f"twitter:{turns[0]['tweet_ID']}",
            brands=(brand,),
        )
        before, client = speaker, client if speaker in agents else speaker


def _parent(turn: dict[str, Any], speaker: str) -> Reference:
    return Reference(id=f"twitter:{turn['tweet_ID']}", actor=_account(speaker))


def _account(name: str) -> str:
    return f"twitter:{name}"
