"""Pure scoring: no clock, no I/O, no Kafka. The same functions run in the stream and in `rapport score`."""
