"""Real engines without Docker: Apache Kafka as a child process, ClickHouse as chDB behind its native protocol.

Both are started, checked and stopped by us through ``service.Service``; both listen on 127.0.0.1 only.
"""
