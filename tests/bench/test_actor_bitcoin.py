"""The features of the Bitcoin protocols use the past only, and those of B1 nothing that was said of the account."""

from bench.science.actor_bitcoin import Market

DAY = 86_400.0


def market() -> Market:
    found = Market()
    for turn, (rater, rated, rating) in enumerate([(1, 2, 0.1), (2, 3, 1.0), (3, 1, -1.0), (1, 3, -1.0), (1, 2, 0.2)]):
        found.fold(rater, rated, rating, 1e9 + turn * DAY)
    return found


def test_what_others_say_of_an_account_does_not_reach_its_giver_features() -> None:
    """The labels are made of ratings received, so a rating received must change nothing of what B1 reads."""
    plain, attacked = market(), market()
    for turn, rater in enumerate((3, 4, 5)):
        attacked.fold(rater, 1, -1.0, 1e9 + 10 * DAY + turn)
    assert attacked.givers[1].features() == plain.givers[1].features()
    assert attacked.takers[1].features(2e9) != plain.takers[1].features(2e9)


def test_reading_before_the_rating_does_not_depend_on_it() -> None:
    """Features of the next rating are the same whatever it will be, and reading them changes no later ones."""
    once, twice = market(), market()
    assert once.features(2, 1, 2e9) == twice.features(2, 1, 2e9) == twice.features(2, 1, 2e9)
    once.fold(2, 1, 1.0, 2e9)
    twice.fold(2, 1, -1.0, 2e9)
    assert once.features(2, 1, 2e9 + DAY) != twice.features(2, 1, 2e9 + DAY)


def test_every_account_gets_features_of_one_length() -> None:
    """Unknown accounts too: 76 of the labelled ones gave no rating."""
    found = market()
    assert len(found.givers[99].features()) == len(found.givers[1].features())
    assert len(found.features(99, 98, 2e9)) == len(found.features(1, 2, 2e9))
