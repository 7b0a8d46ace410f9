"""The dashboards, one module each."""

from grafana.boards import campaigns, own_behaviour, pipeline, real_or_spam, relationships
from grafana.dashboard import Board

BOARDS: tuple[Board, ...] = (
    real_or_spam.board(),
    relationships.board(),
    campaigns.board(),
    own_behaviour.board(),
    pipeline.board(),
)
