"""The shared words: what travels between the parts of Rapport, and on which topic.

A new field gets a default; a field is never removed or given another meaning. Unknown fields are ignored,
so old and new processes can run side by side.
"""

from events.brands import Brand, Brands, Direction, Route
from events.codec import Invalid, decode, decode_interaction, encode
from events.interaction import Activity, Actor, Interaction, Reference
from events.relationship import (
    Conduct,
    Curve,
    Debt,
    DebtKind,
    Gifts,
    Identity,
    Phase,
    Relationship,
    RelationshipClass,
)
from events.scored import Content, Correction, Evidence, Scored, Verdict
from events.source import SourceState, SourceStatus

__all__ = [
    "Activity",
    "Actor",
    "Brand",
    "Brands",
    "Conduct",
    "Content",
    "Correction",
    "Curve",
    "Debt",
    "DebtKind",
    "Direction",
    "Evidence",
    "Gifts",
    "Identity",
    "Interaction",
    "Invalid",
    "Phase",
    "Reference",
    "Relationship",
    "RelationshipClass",
    "Route",
    "Scored",
    "SourceState",
    "SourceStatus",
    "Verdict",
    "decode",
    "decode_interaction",
    "encode",
]
