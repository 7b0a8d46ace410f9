"""The warehouse: migrations, the sink from Kafka to ClickHouse, exact roll-ups, and the queries that read them."""
