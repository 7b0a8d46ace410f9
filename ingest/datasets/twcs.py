"""Customer Support on Twitter (sample): 5,000 tweets, 1,312 threads, 76 brands.

Customers are numbers, brands are account names. A customer's tweet is addressed (``to``) to the brand account that it
mentions first; without one it belongs to the brand of its thread and ``to`` is empty, so the two can be told apart.
Numbers in a customer's text are not taken as addressees: some of them stand for companies. A brand's tweet goes to
the customers it mentions. One tweet concerns one brand: what it says to another brand's account is not an address.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from events import Activity, Actor, Brand, Interaction, Reference
from ingest.datasets.checked import checked, size
from ingest.dead import DeadLetter
from ingest.lines import Reading
from ingest.rows import rows

NAME = "twcs"
MENTION = re.compile(r"@(\w+)")


@dataclass(frozen=True)
class Tweet:
    id: int
    author: str
    inbound: bool
    at: datetime
    text: str
    parent: int | None


@dataclass(frozen=True)
class Threads:
    """All tweets, to look up who answers whom."""

    tweets: dict[int, Tweet]

    @cached_property
    def accounts(self) -> frozenset[str]:
        return frozenset(tweet.author for tweet in self.tweets.values() if not tweet.inbound)

    @cached_property
    def answers(self) -> dict[int, list[Tweet]]:
        found = defaultdict(list)
        for tweet in sorted(self.tweets.values(), key=lambda tweet: (tweet.at, tweet.id)):
            if tweet.parent is not None:
                found[tweet.parent].append(tweet)
        return found

    @cached_property
    def brand_of_thread(self) -> dict[int, str]:
        """Root to the brand that comes first in its thread."""
        found: dict[int, str] = {}
        for tweet in sorted(self.tweets.values(), key=lambda tweet: (tweet.at, tweet.id)):
            if brand := self.own_brand(tweet):
                found.setdefault(self.ancestors(tweet)[-1].id, brand)
        return found

    def ancestors(self, tweet: Tweet) -> list[Tweet]:
        """From ``tweet`` itself to the first tweet of its thread that is in the file."""
        chain = [tweet]
        while (parent := self.tweets.get(chain[-1].parent or -1)) and parent not in chain:
            chain.append(parent)
        return chain

    def mentioned(self, tweet: Tweet) -> str:
        """The brand account that ``tweet`` mentions first."""
        return next((name for name in MENTION.findall(tweet.text) if name in self.accounts), "")

    def own_brand(self, tweet: Tweet) -> str:
        return self.mentioned(tweet) if tweet.inbound else tweet.author

    def brand(self, tweet: Tweet) -> str:
        """Its own, that of the brand that answers it, the nearest before it, or the first in its thread."""
        answering = (answer.author for answer in self.answers.get(tweet.id, ()) if not answer.inbound)
        chain = self.ancestors(tweet)
        before = (self.own_brand(ancestor) for ancestor in chain)
        near = (self.own_brand(tweet), *answering, *before, self.brand_of_thread.get(chain[-1].id, ""))
        return next((name for name in near if name), "")

    def interaction(self, tweet: Tweet) -> Interaction:
        brand = self.brand(tweet)
        if tweet.inbound:
            to = [brand] if self.mentioned(tweet) else []
        else:
            to = [name for name in MENTION.findall(tweet.text) if name.isdigit()]
        return Interaction(
            id=f"twitter:{tweet.id}",
            platform="twitter",
            type=Activity.CREATE,
            published=tweet.at,
            actor=Actor(id=f"twitter:{tweet.author}"),
            to=tuple(f"twitter:{name}" for name in dict.fromkeys(to)),
            content=tweet.text,
            in_reply_to=self._answered(tweet, brand),
            conversation=f"twitter:{self.ancestors(tweet)[-1].id}",
            brands=(brand,) if brand else (),
        )

    def _answered(self, tweet: Tweet, brand: str) -> Reference | None:
        """The tweet answered, in the file or not; its author unless unknown or the account of another brand."""
        if tweet.parent is None:
            return None
        parent = self.tweets.get(tweet.parent)
        author = parent.author if parent and parent.author not in self.accounts - {brand} else ""
        return Reference(id=f"twitter:{tweet.parent}", actor=f"twitter:{author}" if author else "")


def measure(path: str | Path) -> int:
    return size(path, NAME)


def brands(path: str | Path) -> tuple[Brand, ...]:
    tweets = [tweet for tweet in _tweets(path, Reading()) if isinstance(tweet, Tweet)]
    names = sorted({tweet.author for tweet in tweets if not tweet.inbound})
    return tuple(Brand(name, frozenset({f"twitter:{name}"})) for name in names)


def read(path: str | Path, reading: Reading) -> Iterator[Interaction | DeadLetter]:
    found = list(_tweets(path, reading))
    threads = Threads({tweet.id: tweet for tweet in found if isinstance(tweet, Tweet)})
    for tweet in found:
        yield threads.interaction(tweet) if isinstance(tweet, Tweet) else tweet


def _tweets(path: str | Path, reading: Reading) -> Iterator[Tweet | DeadLetter]:
    for file in checked(path, NAME):
        for row in rows(file, reading):
            if isinstance(row, DeadLetter):
                yield row
                continue
            parent = row.columns["in_response_to_tweet_id"]
            yield Tweet(
                id=int(row.columns["tweet_id"]),
                author=row.columns["author_id"],
                inbound=row.columns["inbound"] == "True",
                at=datetime.strptime(row.columns["created_at"], "%a %b %d %H:%M:%S %z %Y"),
                text=row.columns["text"],
                parent=int(float(parent)) if parent else None,
            )
