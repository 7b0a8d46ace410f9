"""Which texts are near-duplicates of which: a hash table of MinHash bands, and the connected components they make.

Flat arrays, because a million texts in dictionaries cost gigabytes. Everything decided here about two texts depends
on these two alone (and on how many distinct texts share a band), so the components do not depend on the order.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scoring.campaigns.minhash import PERMUTATIONS, Fingerprint

ROWS = 3  # minima in a band: texts of similarity .4 share one of 32 bands with probability .88, of .03 with .0009
BANDS = PERMUTATIONS // ROWS
# Estimated Jaccard similarity from which two texts belong together, by the letters of the shorter one. Long ones: from
# ``CHANCE_LETTERS`` in common, more than strangers share. Short ones: nearly everything, for their estimate is noisy.
CHANCE_LETTERS = 40.0
SIMILAR_LONG = 0.25
SIMILAR_AT, SIMILAR_SHORT = (25.0, 75.0), (0.7, 0.6)
CROWDED = 256  # distinct texts that share a band in neighbouring epochs; from there on they are one without comparing

_BAND_SALT = np.arange(1, BANDS + 1, dtype=np.uint64) * np.uint64(0xD6E8FEB86659FD93)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TEXT_KEY = np.random.Generator(np.random.PCG64(20_261_103)).integers(0, 2**63, BANDS).astype("u8") * np.uint64(
    2
) + np.uint64(1)

Nodes = npt.NDArray[np.int64]


def redealt(text: Fingerprint) -> Fingerprint:
    """The same minima in other bands: each band takes one of three that stood far apart."""
    minima = np.frombuffer(text.minima, "<u2").reshape(ROWS, BANDS).T
    return Fingerprint(minima.tobytes(), text.letters)


class Index:
    """``nodes`` are distinct (fingerprint, epoch), numbered from 0: 600 to 1,200 bytes each, as the arrays double."""

    def __init__(self) -> None:
        self.count = 0
        self.node_of: dict[int, int] = {}
        self.components: dict[int, list[int]] = {}  # of two nodes or more, by label
        self.crowds: dict[tuple[int, int, int], int] = {}  # (band, its value, older epoch) -> one node of the crowd
        # (label that stays, label that is no more, the nodes that had it), until somebody takes them
        self.joined: list[tuple[int, int, list[int]]] = []
        self._allocate(1024)

    def nodes(self, texts: Sequence[tuple[Fingerprint, int]]) -> list[int]:
        """The node of each (fingerprint, epoch); new ones join the components they belong to."""
        if not texts:
            return []
        minima = np.frombuffer(b"".join(text.minima for text, _ in texts), "<u2").reshape(-1, BANDS, ROWS)
        padded = np.zeros((len(texts), BANDS, 4), "<u2")
        padded[..., :ROWS] = minima
        block = padded.view("<u8").reshape(-1, BANDS)
        when = np.array([epoch for _, epoch in texts], np.int32)
        keys = ((block * _TEXT_KEY).sum(1) ^ (when.astype(np.uint64) * _SPREAD)).tolist()
        found: list[int] = []
        fresh: list[int] = []
        for place, key in enumerate(keys):
            node = self.node_of.setdefault(key, self.count + len(fresh))
            if node == self.count + len(fresh):
                fresh.append(place)
            found.append(node)
        if fresh:
            letters = np.array([texts[place][0].letters for place in fresh], np.float32)
            self._insert(block[fresh], when[fresh], letters)
        return found

    def component(self, node: int) -> int:
        return int(self.label[node])

    def members(self, label: int) -> list[int]:
        return self.components.get(label, [label])

    def minima(self, nodes: Sequence[int] | Nodes) -> npt.NDArray[np.uint16]:
        """Shape (nodes, 96)."""
        bands: npt.NDArray[np.uint64] = self.bands[np.asarray(nodes, np.int64)]
        return bands.view("<u2").reshape(-1, BANDS, 4)[..., :ROWS].reshape(-1, PERMUTATIONS)

    def _allocate(self, capacity: int) -> None:
        self.bands = np.zeros((capacity, BANDS), np.uint64)
        self.following = np.full(capacity * BANDS, -1, np.int32)
        self.epoch = np.zeros(capacity, np.int32)
        self.letters = np.zeros(capacity, np.float32)
        self.label = np.arange(capacity, dtype=np.int32)
        self.heads = np.full(capacity * BANDS, -1, np.int32)
        self.shift = np.uint64(64 - (capacity * BANDS).bit_length() + 1)

    def _grow(self, needed: int) -> None:
        capacity = len(self.bands)
        while capacity < needed:
            capacity *= 2
        bands, epoch, letters, label = self.bands, self.epoch, self.letters, self.label
        self._allocate(capacity)
        self.bands[: len(bands)], self.epoch[: len(epoch)] = bands, epoch
        self.letters[: len(letters)], self.label[: len(label)] = letters, label
        if self.count:
            self._chain(0, self.count)

    def _insert(
        self, bands: npt.NDArray[np.uint64], epoch: npt.NDArray[np.int32], letters: npt.NDArray[np.float32]
    ) -> None:
        first, after = self.count, self.count + len(bands)
        if after > len(self.bands):
            self._grow(after)
        self.bands[first:after], self.epoch[first:after], self.letters[first:after] = bands, epoch, letters
        self.count = after
        self._chain(first, after)
        self._link(first, after)

    def _chain(self, first: int, after: int) -> None:
        """Put nodes into the table. A slot holds its newest entry, an entry (node, band) the one before it."""
        slots = ((self.bands[first:after] + _BAND_SALT) * _SPREAD >> self.shift).ravel().astype(np.int64)
        order = slots.argsort(kind="stable")
        sorted_slots, entries = slots[order], (order + first * BANDS).astype(np.int32)
        begins = np.ones(len(order), bool)
        begins[1:] = sorted_slots[1:] != sorted_slots[:-1]
        before = np.empty_like(entries)
        before[1:] = entries[:-1]
        before[begins] = self.heads[sorted_slots[begins]]
        self.following[entries] = before
        ends = np.append(begins[1:], True)
        self.heads[sorted_slots[ends]] = entries[ends]

    def _link(self, first: int, after: int) -> None:
        """Join the new nodes to what they resemble, walking the chains of all of them side by side.

        Labels are read again at every step: what has been joined meanwhile is not compared.
        """
        node = np.repeat(np.arange(first, after), BANDS)
        band = np.tile(np.arange(BANDS), after - first)
        entry = self.following[first * BANDS : after * BANDS].astype(np.int64)
        seen = np.zeros((2, len(node)), np.int32)  # sharers of the band: in this epoch or the last; in this or the next
        lanes = np.flatnonzero(entry >= 0)
        if self.crowds:
            lanes = lanes[[not self._in_crowds(int(node[lane]), int(band[lane])) for lane in lanes]]
        while len(lanes):
            here, v, b = entry[lanes], node[lanes], band[lanes]
            u = here // BANDS
            apart = self.epoch[u] - self.epoch[v]
            shared = (here % BANDS == b) & (self.bands[u, b] == self.bands[v, b]) & (np.abs(apart) <= 1)
            candidates = np.flatnonzero(shared & (self.label[u] != self.label[v]))
            if len(candidates):
                older, newer = u[candidates], v[candidates]
                for pair in np.flatnonzero(self._similar(older, newer)):
                    self.join(int(older[pair]), int(newer[pair]))
            seen[0, lanes] += shared & (apart <= 0)
            seen[1, lanes] += shared & (apart >= 0)
            for lane in lanes[shared & (seen[:, lanes] == CROWDED).any(0)]:
                for side in np.flatnonzero(seen[:, lane] == CROWDED):
                    self._crowd(int(node[lane]), int(band[lane]), int(self.epoch[node[lane]]) - 1 + int(side))
            entry[lanes] = self.following[here]
            lanes = lanes[(entry[lanes] >= 0) & (seen[:, lanes] < CROWDED).any(0)]

    def _similar(self, u: Nodes, v: Nodes) -> npt.NDArray[np.bool_]:
        agreed = (self.minima(u) == self.minima(v)).mean(1)
        shorter = np.minimum(self.letters[u], self.letters[v])
        by_length = np.maximum(SIMILAR_LONG, CHANCE_LETTERS / shorter)
        return np.asarray(agreed >= np.minimum(by_length, np.interp(shorter, SIMILAR_AT, SIMILAR_SHORT)))

    def _in_crowds(self, node: int, band: int) -> bool:
        """Join ``node`` to the crowds it belongs to; whether nothing is left to compare it with by this band."""
        value, epoch = int(self.bands[node, band]), int(self.epoch[node])
        crowds = [self.crowds.get((band, value, older)) for older in (epoch - 1, epoch)]
        for member in crowds:
            if member is not None:
                self.join(member, node)
        return None not in crowds

    def _crowd(self, node: int, band: int, older: int) -> None:
        """So many distinct texts share this band in the epochs ``older`` and ``older + 1`` that they are one."""
        value = self.bands[node, band]
        if self.crowds.setdefault((band, int(value), older), node) != node:
            self.join(self.crowds[band, int(value), older], node)
            return
        sharers = np.flatnonzero(self.bands[: self.count, band] == value)
        for sharer in sharers[(self.epoch[sharers] == older) | (self.epoch[sharers] == older + 1)]:
            self.join(node, int(sharer))

    def join(self, u: int, v: int) -> None:
        """Both nodes, and all that belongs to either, are one component from now on."""
        large, small = int(self.label[u]), int(self.label[v])
        if large == small:
            return
        if len(self.members(large)) < len(self.members(small)):
            large, small = small, large
        moved = self.components.pop(small, [small])
        self.label[moved] = large
        self.components.setdefault(large, [large]).extend(moved)
        self.joined.append((large, small, moved))
