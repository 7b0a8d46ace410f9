"""Rules over the warehouse, an outbox and deliveries. Nothing lives here yet; docs/status.md says what comes."""
