"""Campaigns: near-duplicates against the labels, and the campaigns found in 81,000 comments without labels.

Nothing is fitted here. The one threshold (of the labelled part) is chosen without the video it is tested on. The
templates of the second part are found by similarity alone, apart from the finder under test; the crowds by the words
people are known to share there. Contents are assumed, as log-odds to which the campaign's term is added.
"""

import math
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bench.science.data import VIDEOS, Inputs, write
from scoring.campaigns import Campaign, Clusters, Kind, Lookup, Member
from scoring.campaigns.minhash import PERMUTATIONS, of_normalised
from scoring.campaigns.portrait import order, portrait
from scoring.campaigns.text import normalised

BATCH = 1024
SETTLED = 8  # batches: half a second of the stream at the speed asked for; there it is two seconds
WANTED_PRECISION = 0.97  # on the training videos, a little above the bar of .955
CONTENTS = {"templates": (0.39, 0.55, 0.7), "crowds": (0.6, 0.75, 0.9)}
TEMPLATE_WORD, TEMPLATE_SIMILAR, TEMPLATE_ACCOUNTS = "rihanna", 0.6, 30
CROWDS = {
    "children's show": re.compile(r"galinha pintadinha"),
    "who is here in this year": re.compile(r"\b(?:who|quem|any\w*)\b.{0,40}\b(?:listen|watch|ouvi|vend|assist)"),
    "love this song": re.compile(r"love (?:this|that) song"),
    "laughter": re.compile(r"kkkk|hahaha|jajaja"),
}


class Comment(Struct, frozen=True):
    text: str
    spam: bool | None
    member: Member


def main() -> None:
    inputs = Inputs()
    figures = {"labelled": labelled(inputs), **unlabelled(inputs), "customers": customers(inputs)}
    print(f"written: {write('campaigns', inputs, 0, figures)}")


def labelled(inputs: Inputs) -> dict[str, object]:
    """Recall is of all spam comments, most of which are no duplicate of anything."""
    rows = [
        (f"{video}:{place}", row["DATE"], row["AUTHOR"], video, row["CONTENT"], row["CLASS"] == "1")
        for video, name in VIDEOS.items()
        for place, row in enumerate(inputs.rows(f"youtube_spam/{name}.csv"))
    ]
    comments = read(rows)
    print(f"labelled comments: {len(comments)}")
    points: dict[str, object] = {}
    for windows in (True, False):
        clusters = near_duplicates(comments, windows)
        name = "published within eight weeks" if windows else "whenever published, as the bar was measured"
        rules: dict[str, Callable[[Campaign], bool]] = {
            "two copies or more": lambda c: c.interactions >= 2,
            "two videos or more": lambda c: c.targets >= 2,
            "three accounts or more": lambda c: c.accounts >= 3,
        }
        for least in (30, 40, 60, 80, 100):
            rules[f"strength {least} or more"] = lambda c, least=least: strength(c) >= least  # type: ignore[misc]
        found = {rule: precision_recall(clusters, comments, test) for rule, test in rules.items()}
        found["strength chosen without the video tested"] = left_out(clusters, comments)
        for rule, (precision, recall) in found.items():
            print(f"  {name}; {rule}: precision {precision:.4f} recall {recall:.4f}")
        points[name] = {rule: {"precision": p, "recall": r} for rule, (p, r) in found.items()}
    return {"comments": len(comments), "bar": {"precision": 0.955, "recall": 0.212}, "points": points}


Found = list[tuple[Campaign, list[int]]]


def near_duplicates(comments: Sequence[Comment], windows: bool) -> Found:
    """Every cluster, also of a single account, with the places of its comments."""
    members = [comment.member if windows else replace(comment.member, at=0) for comment in comments]
    clusters = Clusters(horizon_days=36_500)
    clusters.add(members)
    place = {member.id: number for number, member in enumerate(members)}
    found = []
    for label in {clusters.index.component(node) for node in clusters.node if node >= 0}:
        of_cluster = clusters.members(label)
        found.append((portrait(Kind.NEAR_DUPLICATE, of_cluster), [place[member.id] for member in of_cluster]))
    return found


def strength(campaign: Campaign) -> float:
    """Letters that copies have in common, times the doublings of their number."""
    copies = campaign.interactions
    agreement = campaign.agreement if campaign.accounts > 1 else 1.0
    return agreement * campaign.letters * math.log2(copies)


def precision_recall(
    found: Found, comments: Sequence[Comment], test: Callable[[Campaign], bool]
) -> tuple[float, float]:
    flagged = [place for campaign, places in found if test(campaign) for place in places]
    spam = sum(bool(comments[place].spam) for place in flagged)
    return round(spam / max(1, len(flagged)), 4), round(spam / sum(bool(comment.spam) for comment in comments), 4)


def left_out(found: Found, comments: Sequence[Comment]) -> tuple[float, float]:
    """For each video the lowest threshold of ``strength`` that is precise enough on the others."""
    ranked = sorted(
        ((strength(campaign), place) for campaign, places in found if len(places) > 1 for place in places), reverse=True
    )
    flagged = []
    for video in VIDEOS:
        others = [(score, place) for score, place in ranked if comments[place].member.target != video]
        threshold, spam = math.inf, 0
        for count, (score, place) in enumerate(others, 1):
            spam += bool(comments[place].spam)
            last = count == len(others) or others[count][0] < score
            if last and spam >= WANTED_PRECISION * count:
                threshold = score
        flagged += [p for score, p in ranked if comments[p].member.target == video and score >= threshold]
    spam = sum(bool(comments[place].spam) for place in flagged)
    return round(spam / max(1, len(flagged)), 4), round(spam / sum(bool(comment.spam) for comment in comments), 4)


def unlabelled(inputs: Inputs) -> dict[str, object]:
    names = sorted(path.name for path in (inputs.folder / "youtube_corpus").glob("*.csv"))
    rows = [
        (row["ID"], row["PUBLISHED"], row["CHANNELID"], name, row["CONTENT"], None)
        for name in names
        for row in inputs.rows(f"youtube_corpus/{name}")
        if row["HAS_LINK"] in ("0", "1")  # others have shifted columns
    ]
    begun = time.process_time()
    comments = sorted(read(rows), key=lambda comment: order(comment.member))
    speeds = {"fingerprints": len(comments) / (time.process_time() - begun)}
    fans = {name: [c for c in comments if _in_crowd(c, pattern)] for name, pattern in CROWDS.items()}
    clusters, lookup, worst, more = stream(comments, fans)
    speeds |= {name: len(comments) / seconds for name, seconds in more.items()}
    speeds["all together"] = 1.0 / sum(1.0 / speed for speed in speeds.values())
    for name, speed in speeds.items():
        print(f"  {name}: {speed:,.0f} texts/s and core")
    return {
        "found": summary(comments, clusters, lookup),
        "templates": templates(comments, lookup),
        "crowds": crowds(fans, lookup, worst),
        "texts_per_second_and_core": {name: round(speed) for name, speed in speeds.items()},
        "bytes_per_text": memory(comments),
    }


def stream(
    comments: Sequence[Comment], fans: dict[str, list[Comment]]
) -> tuple[Clusters, Lookup, dict[str, float], dict[str, float]]:
    """In order of publication, settled again and again; for each crowd the lowest term at any time."""
    clusters, lookup, spent, worst = Clusters(), Lookup(), Counter[str](), dict.fromkeys(fans, 0.0)
    members = (comment.member for comment in comments)
    while some := list(islice(members, SETTLED * BATCH)):
        begun = time.process_time()
        for start in range(0, len(some), BATCH):
            clusters.add(m for m in some[start : start + BATCH] if m.fingerprint or m.domains)
        added = time.process_time()
        messages = clusters.settle()
        said = time.process_time()
        for message in messages:
            lookup.apply(message)
        heard = time.process_time()
        spent += Counter({"clusters.add": added - begun, "settle": said - added, "lookup": heard - said})
        for name, crowd in fans.items():
            worst[name] = min(worst[name], *(_term(lookup, comment) for comment in crowd), 0.0)
    return clusters, lookup, worst, dict(spent)


def summary(comments: Sequence[Comment], clusters: Clusters, lookup: Lookup) -> dict[str, object]:
    campaigns = [campaign for campaign in lookup.campaigns.values() if not campaign.merged_into]
    weighty = [campaign for campaign in campaigns if campaign.log_odds]
    terms = [_term(lookup, comment) for comment in comments]
    found: dict[str, object] = {
        "comments": len(comments),
        "held": len(clusters),
        "campaigns": dict(Counter(campaign.kind.value for campaign in campaigns)),
        "campaigns that weigh": dict(Counter(campaign.kind.value for campaign in weighty)),
        "comments with a term": sum(term < 0 for term in terms),
        "comments with a term of -1 or less": sum(term <= -1 for term in terms),
        "accounts in a campaign that weighs": len(
            {c.member.actor for c, term in zip(comments, terms, strict=True) if term}
        ),
        "largest": [
            {
                "kind": c.kind.value, "log_odds": c.log_odds, "accounts": c.accounts, "targets": c.targets,
                "interactions": c.interactions, "letters": c.letters, "agreement": c.agreement, "likeness": c.likeness,
                "linked": c.linked, "domains": c.domains, "repeaters": c.repeaters, "busiest_day": c.busiest_day,
            }
            for c in sorted(campaigns, key=lambda c: (-c.accounts, c.id))[:30]
        ],
    }  # fmt: skip
    for name, value in found.items():
        if name != "largest":
            print(f"  {name}: {value}")
    return found


def templates(comments: Sequence[Comment], lookup: Lookup) -> list[dict[str, object]]:
    """Each template by itself, as its accounts come in one after the other; and in the whole stream at the end."""
    candidates = [
        c for c in comments if TEMPLATE_WORD in c.text.casefold() and c.member.domains and c.member.fingerprint
    ]
    found = []
    for template in _alike(candidates):
        if len({comment.member.actor for comment in template}) < TEMPLATE_ACCOUNTS:
            continue
        early = {accounts: _early(template, accounts) for accounts in (3, 5, 10)}
        last = [_term(lookup, comment) for comment in template]
        row = {
            "comments": len(template),
            "accounts": len({comment.member.actor for comment in template}),
            **{f"below .3 at {a} accounts": _below(terms, CONTENTS["templates"]) for a, terms in early.items()},
            "below .3 in the end": _below(last, CONTENTS["templates"]),
            "mean term in the end": round(float(np.mean(last)), 2),
        }
        print(f"  template: {row}")
        found.append(row)
    return found


def crowds(fans: dict[str, list[Comment]], lookup: Lookup, worst: dict[str, float]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, crowd in fans.items():
        terms = [_term(lookup, comment) for comment in crowd]
        found[name] = {
            "comments": len(crowd),
            "with a term": sum(term < 0 for term in terms),
            "lowest term at any time": worst[name],
            "share at .5 or more": {
                str(content): round(sum(_trust(content, term) >= 0.5 for term in terms) / max(1, len(terms)), 4)
                for content in CONTENTS["crowds"]
            },
        }
        print(f"  crowd, {name}: {found[name]}")
    return found


def customers(inputs: Inputs) -> dict[str, object]:
    """What customers write to brands: all genuine, so every term is a false alarm of this part."""
    rows = [
        (
            row["tweet_id"],
            datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y").replace(tzinfo=None).isoformat(),
            row["author_id"],
            row["in_response_to_tweet_id"] or row["text"].split(" ")[0],
            row["text"],
            False,
        )
        for row in inputs.rows("twcs/twcs_sample.csv")
        if row["inbound"] == "True" and row["in_response_to_tweet_id"] is not None  # the last row is cut off
    ]
    comments = sorted(read(rows), key=lambda comment: order(comment.member))
    _, lookup, _, _ = stream(comments, {})
    terms = [_term(lookup, comment) for comment in comments]
    found = {"tweets": len(terms), "with a term": sum(term < 0 for term in terms), "lowest": min(terms)}
    print(f"  customers' tweets: {found}")
    return dict(found)


def memory(comments: Sequence[Comment]) -> int:
    members = [comment.member for comment in comments if comment.member.fingerprint or comment.member.domains]
    tracemalloc.start()
    clusters = Clusters()
    for begin in range(0, len(members), BATCH):
        clusters.add(members[begin : begin + BATCH])
    used = tracemalloc.get_traced_memory()[0] // len(clusters)
    tracemalloc.stop()
    print(f"  {used} bytes per text held ({len(clusters)} held)")
    return used


def read(rows: Sequence[tuple[str, str, str, str, str, bool | None]]) -> list[Comment]:
    """Rows of id, time, account, video, text, label."""
    comments = []
    for begin in range(0, len(rows), BATCH):
        batch = rows[begin : begin + BATCH]
        texts = [normalised(row[4]) for row in batch]
        for row, text, found in zip(batch, texts, of_normalised(texts), strict=True):
            name, published, actor, video, content, spam = row
            at = round(datetime.fromisoformat(published).replace(tzinfo=UTC).timestamp() * 1000)
            member = Member(name, actor, actor, video, at, (), found, text.links, text.domains)
            comments.append(Comment(content, spam, member))
    return comments


def _in_crowd(comment: Comment, pattern: re.Pattern[str]) -> bool:
    return not comment.member.domains and bool(pattern.search(comment.text.casefold()))


def _alike(comments: Sequence[Comment]) -> list[list[Comment]]:
    """Connected components of comments at least ``TEMPLATE_SIMILAR``, by comparing all with all."""
    minima = np.frombuffer(b"".join(c.member.fingerprint.minima for c in comments if c.member.fingerprint), "<u2")
    minima = minima.reshape(-1, PERMUTATIONS)
    left, found = set(range(len(comments))), []
    while left:
        reached = [left.pop()]
        for place in reached:
            rest = np.array(sorted(left), int)
            near = rest[(minima[rest] == minima[place]).mean(1) >= TEMPLATE_SIMILAR].tolist() if len(rest) else []
            left -= set(near)
            reached += near
        found.append([comments[place] for place in sorted(reached)])
    return found


def _early(template: Sequence[Comment], accounts: int) -> list[float]:
    seen: set[str] = set()
    clusters, lookup, posted = Clusters(horizon_days=36_500), Lookup(), []
    for comment in template:
        posted.append(comment)
        seen.add(comment.member.actor)
        if len(seen) == accounts:
            break
    clusters.add(comment.member for comment in posted)
    for message in clusters.settle():
        lookup.apply(message)
    return [_term(lookup, comment) for comment in posted]


def _below(terms: Sequence[float], contents: Sequence[float]) -> dict[str, float]:
    return {str(c): round(sum(_trust(c, term) < 0.3 for term in terms) / len(terms), 4) for c in contents}


def _term(lookup: Lookup, comment: Comment) -> float:
    known = lookup.term(comment.member.id)
    return known[0] if known else 0.0


def _trust(content: float, term: float) -> float:
    return 1.0 / (1.0 + math.exp(-(math.log(content / (1.0 - content)) + term)))


if __name__ == "__main__":
    main()
