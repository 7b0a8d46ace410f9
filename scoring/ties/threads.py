"""The last few conversations of a tie: what is open in each, whose turn it is, how long answers took.

A trusted question or complaint to the brand is the brand's to answer, and so are the details it asks for before it
answers; its question back to somebody who asked is theirs (small talk under praise is nobody's debt). The answer is the
next word of the other side *there*. What was open is settled without an answer when they say thanks or that it is
solved, or go on with somebody else who answered them and ask no more. A promise ("we will look into it") stays open
until a later word of the brand that does not promise again, or until they are content.

Answering times go into a *life table*: of all that waited, how many got into each interval with a known end, and how
many were answered in it. What is still open, was settled otherwise or is forgotten counts for the intervals that it
outlasted (censored), and is never dropped.
"""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

MINUTE_MS: Final = 60_000
DAY_MINUTES: Final = 1_440
KEPT: Final = 4
EDGES = (60, 1_440, 4_320, 10_080)  # minutes: an hour, a day, three days, a week
FULL: Final = 127  # a life table halves all its counts here: one byte each, and what is long ago fades

NOTHING, QUESTION, COMPLAINT, DETAIL, OUR_QUESTION, FOLLOW_UP = range(6)
THEIR_ASKS, OUR_ASKS = (QUESTION, COMPLAINT, DETAIL), (OUR_QUESTION, FOLLOW_UP)
OURS_SPOKE, THEIRS_SPOKE, PROMISED, EXCHANGED, OURS_FREE, THEIRS_FREE, ASKED = (1 << bit for bit in range(7))

Table = tuple[int, ...]
NO_ANSWERS: Table = (0,) * (2 * len(EDGES))


class Thread(Struct, frozen=True, array_like=True):
    """One conversation: the minute of its last act, and ``since`` when something is open.

    ``ours`` and ``theirs`` are the best weights of the day, the others their efforts; ``marks`` what happened so far.
    """

    conversation: int
    at: int
    since: int = 0
    ours: int = 0
    theirs: int = 0
    ours_gave: int = 0
    theirs_gave: int = 0
    marks: int = 0
    open: int = NOTHING
    asks: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """An act as far as the conversation is concerned."""

    is_ours: bool
    intents: frozenset[str]
    answers: bool
    addresses: bool
    promises: bool
    solved: bool
    minute: int

    @property
    def asks(self) -> bool:
        """A question, unless it says that all is well by now; a complaint, unless it comes with thanks."""
        return ("question" in self.intents or ("complaint" in self.intents and not self.settles)) and not self.solved

    @property
    def settles(self) -> bool:
        return self.solved or "thanks" in self.intents


@dataclass(frozen=True, slots=True)
class Heard:
    """A thread after an act; what the speaker answered, or settled of the other side, after so many minutes."""

    thread: Thread
    answered: int | None = None
    settled: int | None = None
    new_exchange: bool = False
    in_exchange: bool = False


def take(threads: tuple[Thread, ...], conversation: int, at: int) -> tuple[Thread, tuple[Thread, ...], Thread | None]:
    """The thread of this conversation, the others, and the one that had to go and left something open."""
    conversation &= 0xFFFF
    minute = min(2**32 - 1, max(0, at // MINUTE_MS))
    for place, thread in enumerate(threads):
        if thread.conversation == conversation:
            if thread.at // DAY_MINUTES != minute // DAY_MINUTES:
                marks = thread.marks & ~(OURS_FREE | THEIRS_FREE)
                thread = replace(thread, ours=0, theirs=0, ours_gave=0, theirs_gave=0, marks=marks)  # noqa: PLW2901
            return thread, threads[:place] + threads[place + 1 :], None
    if len(threads) < KEPT:
        return Thread(conversation, minute), threads, None
    goes = min(range(KEPT), key=lambda place: (whose_debt(threads[place]) is not None, threads[place].at))
    lost = threads[goes] if threads[goes].open else None
    return Thread(conversation, minute), threads[:goes] + threads[goes + 1 :], lost


def continued(threads: tuple[Thread, ...], own: int, minute: int, is_ours: bool) -> int:
    """The conversation with which a word goes on that names none: the newest in which its side owes one, else the
    newest in which the other side spoke within a day, else ``own``."""
    spoke = THEIRS_SPOKE if is_ours else OURS_SPOKE
    owing = [thread for thread in threads if whose_debt(thread) is is_ours]
    recent = [thread for thread in threads if thread.marks & spoke and minute - thread.at <= DAY_MINUTES]
    newest = max(owing or recent, key=lambda thread: thread.at, default=None)
    return newest.conversation if newest else own


def whose_debt(thread: Thread) -> bool | None:
    """True where the brand owes a word, False where they do, None where nobody does."""
    if thread.open in OUR_ASKS and not thread.marks & PROMISED:
        return False
    return True if thread.open or thread.marks & PROMISED else None


def is_free(thread: Thread, said: Said) -> bool:
    """Given unasked: neither a request nor the answer to one, nor a word of thanks in return."""
    if not said.intents.isdisjoint({"question", "complaint", "solicitation"}):
        return False
    asked = thread.open in THEIR_ASKS if said.is_ours else thread.marks & ASKED
    return not asked and not (said.answers and said.settles)


def said_by_us(thread: Thread, said: Said) -> Heard:
    waited = said.minute - thread.since if thread.open in THEIR_ASKS else None
    marks, since, is_open = thread.marks, thread.since, NOTHING if waited is not None else thread.open
    asks = "question" in said.intents and bool(marks & ASKED) and not marks & PROMISED
    if said.promises:
        since = since if marks & PROMISED else said.minute
        marks |= PROMISED
    else:
        marks &= ~PROMISED
    if asks and not said.promises:
        kind = FOLLOW_UP if waited is None else OUR_QUESTION  # to what is answered already: did it help?
        since, is_open = (since, is_open) if is_open in OUR_ASKS else (said.minute, kind)
    return _exchanged(replace(thread, since=since, marks=marks, open=is_open, asks=0), said, OURS_SPOKE, waited)


def said_by_them(thread: Thread, said: Said) -> Heard:
    asked = thread.open in OUR_ASKS
    waited = said.minute - thread.since if asked else None
    # "It works now, but how do I ...": a first word that asks asks, whatever else it says.
    wants = said.asks or ("question" in said.intents and not thread.marks & ASKED)
    asks = wants and said.addresses
    debt = thread.open in THEIR_ASKS
    if said.settles and not wants:
        settled = said.minute - thread.since if debt else None
        quiet = replace(thread, open=NOTHING, asks=0, marks=thread.marks & ~(PROMISED | ASKED))
        return _exchanged(quiet, said, THEIRS_SPOKE, waited, settled)
    if asks:
        thread = replace(thread, marks=thread.marks | ASKED)
    if asks or (thread.open == OUR_QUESTION and said.addresses):
        kind = DETAIL if not asks else COMPLAINT if "complaint" in said.intents else QUESTION
        since = thread.since if debt or thread.marks & PROMISED else said.minute
        thread = replace(thread, open=thread.open if debt else kind, since=since, asks=min(FULL, thread.asks + 1))
    elif asked:
        thread = replace(thread, open=NOTHING)
    return _exchanged(thread, said, THEIRS_SPOKE, waited)


def said_to_others(thread: Thread, said: Said) -> Heard:
    """They spoke with somebody else in this conversation: after a question of theirs, with somebody who answered it."""
    if (thread.open == NOTHING and not thread.marks & PROMISED) or said.asks:
        return Heard(thread)
    waited = said.minute - thread.since
    marks = thread.marks & ~(PROMISED | ASKED) if said.settles else thread.marks
    quiet = replace(thread, open=NOTHING, asks=0, marks=marks)
    if thread.open in OUR_ASKS:
        return Heard(quiet, answered=waited)
    return Heard(quiet, settled=waited if thread.open else None)


def record(table: Table, minutes: int, *, answered: bool) -> Table:
    """``table`` with one more that waited so long and was then answered, or was lost from sight (censored)."""
    reached, found = list(table[: len(EDGES)]), list(table[len(EDGES) :])
    for place, edge in enumerate(EDGES):
        if minutes >= edge:
            reached[place] += 1
            continue
        if answered:
            reached[place] += 1
            found[place] += 1
        break
    halve = max(reached) >= FULL
    return tuple(count // 2 if halve else count for count in (*reached, *found))


def _exchanged(thread: Thread, said: Said, spoke: int, answered: int | None, settled: int | None = None) -> Heard:
    marks = thread.marks | spoke
    both = marks & OURS_SPOKE and marks & THEIRS_SPOKE
    exchanged = bool(both or said.answers or marks & EXCHANGED)
    is_new = exchanged and not marks & EXCHANGED
    thread = replace(thread, marks=marks | EXCHANGED if exchanged else marks)
    return Heard(thread, answered, settled, is_new, exchanged)
