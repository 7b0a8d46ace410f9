"""ClickHouse's native TCP protocol in front of chDB, so that an unmodified clickhouse-driver is the only client path.

``wire`` reads and writes packets, ``types`` and ``blocks`` know how columns lie in them, ``statements`` decides what a
statement is and who may run it, ``engine`` is one chDB handle, ``session`` one client, ``server`` the listener.
The protocol is spoken at revision 54453: newer revisions add a serialization byte per column that chDB's own
``Native`` output does not have, so below it blocks pass through untouched.
"""
