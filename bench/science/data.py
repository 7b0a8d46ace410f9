"""The real data sets outside the repository, checked against their sha256, and the result files of the protocols.

``RAPPORT_DATASETS`` names their folder (default ``../shared/data`` beside the checkout). No row of them is committed.
"""

import csv
import hashlib
import io
import json
import os
import sys
from datetime import datetime
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "artifacts" / "science"
VIDEOS = {
    "Psy": "01-9bZkp7q19f0",
    "KatyPerry": "04-CevxZvSJLk8",
    "LMFAO": "07-KQ6zr6kCPj8",
    "Eminem": "08-uelHwf8o7_U",
    "Shakira": "09-pRpeEdMmmQ0",
}
REQUESTS_USED = 2_500  # of each politeness set: enough to know help threads, few enough not to drown the comments


class Row(Struct, frozen=True):
    """One text; ``group`` is what must not be split between training and test (a video, a conversation, a brand)."""

    text: str
    genuine: bool
    group: str
    brand: str = ""
    at: str = ""


class Inputs:
    """Reads files of the data folder and remembers the sha256 of each."""

    def __init__(self) -> None:
        self.folder = Path(os.environ.get("RAPPORT_DATASETS", ROOT.parent / "shared" / "data"))
        self.sha256: dict[str, str] = {}

    def text(self, name: str, encoding: str = "utf-8") -> str:
        path = self.folder / name
        try:
            raw = path.read_bytes()
        except OSError:
            sys.exit(f"error: no data set at {path}; set RAPPORT_DATASETS to the folder that holds {name}")
        self.sha256[name] = hashlib.sha256(raw).hexdigest()
        return raw.decode(encoding, "replace")

    def rows(self, name: str, encoding: str = "utf-8") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(name, encoding), newline="")))


def comments(inputs: Inputs) -> list[Row]:
    """The YouTube Spam Collection: 1,956 labelled comments under five videos, in file order."""
    return [
        Row(row["CONTENT"], row["CLASS"] == "0", video, at=datetime.fromisoformat(row["DATE"]).isoformat())
        for video, name in VIDEOS.items()
        for row in inputs.rows(f"youtube_spam/{name}.csv")
    ]


def authors_split(inputs: Inputs, video: str) -> tuple[list[Row], list[Row]]:
    """The split the authors of the collection used: training and test rows of one video."""

    def part(name: str) -> list[Row]:
        return [
            Row(line, label == "neg", video)
            for label in ("pos", "neg")
            for line in inputs.text(f"youtube_spam/author_split/{VIDEOS[video]}-{label}-{name}.txt").split("\n")
            if line
        ]

    return part("train"), part("test")


def tweets(inputs: Inputs) -> tuple[list[Row], list[Row]]:
    """Customer service on Twitter (TWCS sample): what customers wrote, and what brands wrote."""
    rows = [row for row in inputs.rows("twcs/twcs_sample.csv") if row["in_response_to_tweet_id"] is not None]  # cut off
    author = {row["tweet_id"]: row["author_id"] for row in rows}
    parent = {row["tweet_id"]: row["in_response_to_tweet_id"].removesuffix(".0") for row in rows}

    def root(tweet: str) -> str:
        seen = set()
        while parent.get(tweet) and tweet not in seen:
            seen.add(tweet)
            tweet = parent[tweet]
        return tweet

    inbound, outbound = [], []
    for row in rows:
        if row["inbound"] == "True":
            inbound.append(Row(row["text"], True, f"twcs:{root(row['tweet_id'])}", _addressed(row["text"])))
        else:
            outbound.append(Row(row["text"], True, f"twcs:{root(row['tweet_id'])}", author[row["tweet_id"]].casefold()))
    return inbound, outbound


def care(inputs: Inputs) -> tuple[list[Row], list[Row]]:
    """IBM customer care: what clients wrote to 25 brands, and the answers that close the conversations."""
    inbound, outbound = [], []
    for name in ("dev", "test"):
        for talk in json.loads(inputs.text(f"ibm_cc/{name}.json")):
            brand = talk["dialogHeader"]["company"].casefold()
            group = f"ibm:{talk['dialogHeader']['sessionID']}"
            for message in talk["dialogContent"]:
                if "client" in message:
                    inbound.append(Row(message["message"], True, group, brand))
                elif "message" in message:
                    outbound.append(Row(message["message"], True, group, brand))
            outbound.append(Row(talk["agentURL"]["url_utterance"], True, group, brand))
    return inbound, outbound


def requests(inputs: Inputs) -> list[Row]:
    """Requests people made on Stack Exchange and on Wikipedia talk pages (the Stanford politeness sets)."""
    return [
        Row(row["Request"], True, f"{name}:{row['Id']}", row["Community"])
        for name in ("stack-exchange", "wikipedia")
        for row in inputs.rows(f"politeness/{name}.annotated.csv", "latin-1")[:REQUESTS_USED]
        if row["Request"]
    ]


def other_domains(inputs: Inputs) -> list[list[Row]]:
    """Genuine texts of every domain but the comments, a list per source."""
    return [*tweets(inputs), *care(inputs), requests(inputs)]


def write(protocol: str, inputs: Inputs, seed: int, figures: object) -> Path:
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{protocol}.json"
    result = {"protocol": protocol, "seed": seed, "inputs": inputs.sha256, "figures": figures}
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _addressed(text: str) -> str:
    return next((word[1:].casefold() for word in text.split() if word.startswith("@") and len(word) > 1), "")
