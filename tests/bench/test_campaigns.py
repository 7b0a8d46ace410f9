"""The campaign protocol measures what it says, on made-up comments whose answer is known."""

import pytest

from bench.science import campaigns
from bench.science.campaigns import Comment, Inputs
from tests.scoring.campaign_texts import members, spun


def comments() -> list[Comment]:
    """Twelve spun spam texts under two videos, five times the same short praise under one, and two texts alone."""
    template = members([spun(turn) for turn in range(12)], accounts=12, targets=2)
    praise = members(["what a truly lovely piece of music"] * 5, accounts=5, targets=1, name="praise")
    alone = members(["nothing like the others I am afraid", "nor is this one here alike any"], 2, 2, name="alone")
    rated = [(template, True), (praise, False), (alone, True)]
    return [Comment(member.id, spam, member) for group, spam in rated for member in group]


def test_precision_and_recall_count_comments_of_clusters() -> None:
    """The twelve are found of fourteen, and the praise is a false alarm of the weakest rule only."""
    rows = comments()
    found = campaigns.near_duplicates(rows, windows=True)
    assert campaigns.precision_recall(found, rows, lambda c: c.interactions >= 2) == (
        round(12 / 17, 4),
        round(12 / 14, 4),
    )
    assert campaigns.precision_recall(found, rows, lambda c: c.targets >= 2) == (1.0, round(12 / 14, 4))


def test_the_threshold_comes_from_the_other_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set where the others are precise; a video that would spoil it has no say about itself."""
    rows = comments()
    monkeypatch.setattr(campaigns, "VIDEOS", {"video0": "", "video1": ""})
    precision, recall = campaigns.left_out(campaigns.near_duplicates(rows, windows=True), rows)
    assert (precision, recall) == (1.0, round(12 / 14, 4))


def test_templates_are_told_apart_by_similarity_alone() -> None:
    """All with all, without the bands of the finder under test."""
    rows = [comment for comment in comments() if comment.member.fingerprint]
    templates = campaigns._alike(rows)
    assert all(len({comment.member.actor.split(":")[0] for comment in template}) == 1 for template in templates)
    assert [len(template) for template in templates if template[0].member.id == "praise:0"] == [5]


def test_early_terms_are_of_the_first_accounts_only() -> None:
    """Three accounts are enough for a term, two are not."""
    template = comments()[:12]
    assert all(term < -1.0 for term in campaigns._early(template, 3))
    assert campaigns._early(template, 2) == [0.0, 0.0]


@pytest.mark.datasets
def test_labelled_near_duplicates_beat_the_bar() -> None:
    """Precision above .955 at a recall of at least .212, with the threshold set on the other videos."""
    if not (Inputs().folder / "youtube_spam").is_dir():
        pytest.skip("the YouTube Spam Collection is not in RAPPORT_DATASETS")
    figures = campaigns.labelled(Inputs())
    for points in figures["points"].values():  # type: ignore[attr-defined]
        chosen = points["strength chosen without the video tested"]
        assert chosen["precision"] > 0.955 and chosen["recall"] >= 0.212
