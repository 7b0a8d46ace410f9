"""What a table holds after its changelog was read: never less than was known, and no half of a story."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from events.topics import LATE
from scoring.fold import Person
from streams.repair import Repair
from streams.sending import Sender
from streams.state import Kept, is_torn, merged, newest_table, pack, unpack

KEY = b"x:ada"


def kept(offset: int, revision: int, told: int = 0) -> bytes:
    return pack(Kept(Person(told_with=told), offset, revision))


class Plain:
    """Faust's Table as far as recovery uses it."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}

    def apply_changelog_batch(self, batch: Any) -> None:
        for event in batch:
            if event.value is None:
                self.data.pop(event.key, None)
            else:
                self.data[event.key] = event.value


def recovered(*batches: Sequence[bytes | None]) -> tuple[bytes | None, set[bytes]]:
    """What the table holds of one key, and whom it wants folded again."""
    torn: set[bytes] = set()
    table = newest_table(Plain, torn)()
    for batch in batches:
        table.apply_changelog_batch([SimpleNamespace(key=KEY, value=value, message=None) for value in batch])
    return table.data.get(KEY), torn


def test_recovery_never_goes_back() -> None:
    """Neither over what is known nor within a batch; a removal does away with it."""
    old, new = kept(4, 1), kept(5, 1)
    assert recovered([old, new]) == recovered([new, old]) == recovered([new], [old]) == (new, set())
    assert recovered([new, None]) == (None, set())
    assert recovered([new, None, old]) == (old, set())


def test_of_two_stories_neither_is_believed() -> None:
    """One worker folded a newer act, the other, who still thought the partition his, an older past again."""
    for story in ([kept(9, 1), kept(4, 2)], [kept(4, 2), kept(9, 1)]):
        value, torn = recovered(story)
        assert unpack(value) == Kept(None, 9, 2)
        assert torn == {KEY}


def test_two_values_of_one_version_are_two_stories() -> None:
    """Both folded the past again, and one of them did not know yet what the other knew."""
    assert recovered([kept(4, 2, 1), kept(4, 2, 2)])[1] == {KEY}
    assert recovered([kept(4, 2, 1), kept(4, 2, 1)]) == (kept(4, 2, 1), set())


def test_whoever_was_folded_again_is_whole() -> None:
    """The whole log is read at each start: what was mended must not be mended for ever."""
    mended = kept(9, 3)
    log = [kept(9, 1), kept(4, 2), mended]
    assert recovered(log) == recovered(log, log) == (mended, set())


versions = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)).map(lambda each: kept(*each))


@given(st.lists(versions, min_size=1))
def test_a_story_is_whole_or_folded_again(stories: list[bytes]) -> None:
    """What is kept continues everything that was read before it, or says that it does not."""
    value, torn = recovered(stories)
    found = unpack(value)
    seen = [unpack(story) for story in stories]
    assert (found.offset, found.revision) == (
        max(each.offset for each in seen),
        max(each.revision for each in seen),
    )
    assert (found.person is None) == is_torn(value) == (KEY in torn)
    if found.person is not None:
        assert {pack(each) for each in seen if (each.offset, each.revision) == (found.offset, found.revision)} == {
            value
        }
    assert merged(value, value) == value


def test_two_stories_make_a_wish() -> None:
    """Each is asked for once; the wish carries no act."""
    sent: list[tuple[Any, ...]] = []

    async def wished() -> None:
        async def send(*message: Any) -> Any:
            sent.append(message)
            done = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done

        sender: Any = Sender(SimpleNamespace(producer=SimpleNamespace(send=send)))
        worker: Any = SimpleNamespace(people=None, sender=sender, memory=None)
        made = Repair(worker, {KEY}, history=cast(Any, None), progressed=lambda topic: None)
        with capture_logs():
            await made.wish_for_torn()
            await made.wish_for_torn()

    asyncio.run(wished())
    assert [message[:3] for message in sent] == [(LATE, KEY, None)]
