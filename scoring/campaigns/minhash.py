"""Fingerprints of texts: near-duplicates get nearly equal ones, in every script and on every machine.

MinHash over shingles of five characters (Broder 1997): two texts agree in a permutation with probability equal to
the Jaccard similarity of their shingle sets. Of each minimum 16 bits travel, so that a fingerprint is 192 bytes.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from scoring.campaigns.text import Text, normalised

PERMUTATIONS = 96
BYTES = PERMUTATIONS * 2
SHINGLE = 5
LETTERS_NEEDED = 20  # distinct shingles, in letters of an alphabet; below that people coincide all the time
WIDE = 2.5  # letters of an alphabet that one Han, kana or hangul character stands for
WORDS_NEEDED = 4  # in scripts with spaces

_MULTIPLIERS = (np.random.Generator(np.random.PCG64(20_261_101)).integers(0, 2**31, PERMUTATIONS) * 2 + 1).astype("u4")
_OFFSETS = np.random.Generator(np.random.PCG64(20_261_102)).integers(0, 2**32, PERMUTATIONS).astype("u4")
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


class Fingerprint(Struct, frozen=True, array_like=True):
    """``minima``: 96 little-endian uint16. ``letters``: how much there is to agree on, in letters of an alphabet."""

    minima: bytes
    letters: int


def fingerprint(text: str) -> Fingerprint | None:
    """The fingerprint of one text, ``None`` where it is too short to tell people apart. For many: ``fingerprints``."""
    return fingerprints([text])[0]


def fingerprints(texts: Sequence[str]) -> list[Fingerprint | None]:
    return of_normalised([normalised(text) for text in texts])


def of_normalised(texts: Sequence[Text]) -> list[Fingerprint | None]:
    """Fastest with about a thousand texts at a time."""
    found: list[Fingerprint | None] = [None] * len(texts)
    worth = [place for place, text in enumerate(texts) if _says_enough(text.letters)]
    if not worth:
        return found
    points, starts, lengths = _code_points([texts[place].letters for place in worth])
    shingles = lengths - (SHINGLE - 1)
    hashes = _shingle_hashes(points)
    # Shingles that run over the end of a text into the next one are taken out.
    inside = np.ones(len(hashes), bool)
    for back in range(1, SHINGLE):
        inside[starts[1:] - back] = False
    hashes = hashes[inside]
    begins = np.concatenate(([0], np.cumsum(shingles)[:-1]))
    minima = np.empty((PERMUTATIONS, len(worth)), "u4")
    scratch = np.empty_like(hashes)
    for row, (multiplier, offset) in enumerate(zip(_MULTIPLIERS, _OFFSETS, strict=True)):
        np.multiply(hashes, multiplier, out=scratch)
        np.add(scratch, offset, out=scratch)
        np.minimum.reduceat(scratch, begins, out=minima[row])
    distinct = np.minimum(_distinct(minima), shingles)
    wide = np.add.reduceat(_is_wide(points), starts) / lengths
    letters = np.rint(distinct * (1.0 + (WIDE - 1.0) * wide)).astype(int).tolist()
    packed = np.ascontiguousarray(minima.T).astype("<u2").tobytes()
    for row, place in enumerate(worth):
        if letters[row] >= LETTERS_NEEDED:
            found[place] = Fingerprint(packed[row * BYTES : (row + 1) * BYTES], letters[row])
    return found


def _says_enough(letters: str) -> bool:
    if len(letters) < SHINGLE:
        return False
    return letters.count(" ") >= WORDS_NEEDED - 1 or not letters.isascii()


def _code_points(texts: list[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    lengths = np.array([len(text) for text in texts])
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    return points, np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths


def _shingle_hashes(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    wide = points.astype(np.uint64)
    last = len(points) - SHINGLE + 1
    hashes = wide[:last].copy()
    for place in range(1, SHINGLE):
        hashes *= _BASE
        hashes += wide[place : last + place]
    hashes ^= hashes >> _HALF
    hashes *= _MIX
    return (hashes >> _HALF).astype(np.uint32)


def _distinct(minima: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """How many distinct shingles a text has, from how small its minima are (within about 12 %)."""
    return np.asarray(PERMUTATIONS / ((minima.astype(float) + 1.0) / 2.0**32).sum(axis=0) - 1.0)


def _is_wide(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    han_to_kana = (points >= 0x2E80) & (points <= 0x9FFF)
    return (han_to_kana | ((points >= 0xAC00) & (points <= 0xD7A3)) | (points >= 0x20000)).astype(float)
