"""Rules over the warehouse, an outbox and deliveries."""
