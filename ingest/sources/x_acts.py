"""What X calls posts and users, read as acts."""

from datetime import datetime
from html import unescape

import msgspec
from msgspec import Struct

from events import Activity, Actor, Interaction, Reference
from ingest.items import at_second
from ingest.source import Edited

SNOWFLAKES = 1_288_834_974_657  # milliseconds since 1970 from which ids count


class Metrics(Struct):
    followers_count: int | None = None
    following_count: int | None = None
    tweet_count: int | None = None


class User(Struct):
    id: str
    username: str = ""
    name: str = ""
    created_at: datetime | None = None
    public_metrics: Metrics = msgspec.field(default_factory=Metrics)


class Referenced(Struct):
    type: str
    id: str


class Mention(Struct):
    id: str = ""


class Entities(Struct):
    mentions: list[Mention] = []


class Tweet(Struct):
    id: str
    text: str
    author_id: str
    created_at: datetime
    conversation_id: str = ""
    in_reply_to_user_id: str = ""
    lang: str = ""
    referenced_tweets: list[Referenced] = []
    edit_history_tweet_ids: list[str] = []
    entities: Entities = msgspec.field(default_factory=Entities)


def act_of(tweet: Tweet, user: User | None, authors: dict[str, str]) -> Interaction | Edited:
    """An edit is a post with another id; the first one stays the act's, and its time, which is part of it."""
    about = {one.type: one.id for one in tweet.referenced_tweets}
    shared, answered = about.get("retweeted", ""), about.get("replied_to", "")
    to = [authors.get(shared, "")] if shared else [one.id for one in tweet.entities.mentions]
    metrics = user.public_metrics if user else Metrics()
    first = tweet.edit_history_tweet_ids[0] if tweet.edit_history_tweet_ids else tweet.id
    found = Interaction(
        id=f"x:{first}",
        platform="x",
        type=Activity.ANNOUNCE if shared else Activity.CREATE,
        published=tweet.created_at if first == tweet.id else _made(first),
        actor=Actor(
            id=f"x:{tweet.author_id}",
            name=user.username if user else "",
            created=user.created_at if user else None,
            followers=metrics.followers_count,
            following=metrics.following_count,
            posts=metrics.tweet_count,
        ),
        to=tuple(f"x:{one}" for one in dict.fromkeys(to) if one),
        content="" if shared else unescape(tweet.text),
        language=tweet.lang,
        url=f"https://x.com/i/web/status/{tweet.id}",
        in_reply_to=Reference(id=f"x:{answered}", actor=f"x:{tweet.in_reply_to_user_id}") if answered else None,
        object=f"x:{shared}" if shared else "",
        conversation=f"x:{tweet.conversation_id or tweet.id}",
    )
    return found if first == tweet.id else Edited(found, tweet.created_at)


def _made(number: str) -> datetime:
    return at_second(((int(number) >> 22) + SNOWFLAKES) / 1000)
