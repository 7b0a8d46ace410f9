"""Alert rules as Grafana reads them from a file. One row per brand or part is one alert."""

from dataclasses import dataclass

from grafana.panels import Json

FOLDER = "Rapport"


@dataclass(frozen=True)
class Rule:
    """Fires while ``sql`` gives a value above ``above`` for ``minutes``: columns time, a label, the value."""

    uid: str
    title: str
    sql: str
    above: float
    minutes: int
    severity: str
    summary: str
    board: str


RULES = (
    Rule(
        "rapport-spam-wave",
        "A wave of spam",
        "SELECT now() AS time, brand, sum(spam) / sum(volume) AS spam_share FROM trends"
        " WHERE minute >= now() - INTERVAL 1 HOUR AND brand != '' GROUP BY brand HAVING sum(volume) >= 50",
        0.4,
        10,
        "warning",
        "More than 40 % of what {{ $labels.brand }} heard within the last hour was spam.",
        "rapport-real-or-spam",
    ),
    Rule(
        "rapport-less-real",
        "The audience is less real than last week",
        "WITH hour >= now() - INTERVAL 1 DAY AS today SELECT now() AS time, brand,"
        " sumIf(trusted_volume, NOT today) / sumIf(volume, NOT today)"
        " - sumIf(trusted_volume, today) / sumIf(volume, today) AS loss"
        " FROM trends_hour WHERE hour >= now() - INTERVAL 8 DAY AND brand != '' GROUP BY brand"
        " HAVING sumIf(volume, today) >= 50 AND sumIf(volume, NOT today) >= 50",
        0.2,
        30,
        "warning",
        "The real share of {{ $labels.brand }} fell by more than 20 points against the week before.",
        "rapport-real-or-spam",
    ),
    Rule(
        "rapport-real-friend-waits",
        "A real relationship waits for a word",
        "SELECT now() AS time, brand, max(waited_days) AS days FROM owed"
        " WHERE by = 'us' AND class = 'real' GROUP BY brand",
        2,
        5,
        "warning",
        "Somebody in a real relationship with {{ $labels.brand }} waits for more than two days; see: rapport owed.",
        "rapport-relationships",
    ),
    Rule(
        "rapport-pipeline-behind",
        "The pipeline falls behind",
        "SELECT now() AS time, consumer, sum(newest) AS messages FROM"
        " (SELECT consumer, topic, argMax(messages, at) AS newest FROM pipeline_lag"
        " WHERE at >= now() - INTERVAL 5 MINUTE GROUP BY consumer, topic) GROUP BY consumer",
        10_000,
        10,
        "critical",
        "More than 10,000 messages wait for {{ $labels.consumer }}.",
        "rapport-pipeline",
    ),
    Rule(
        "rapport-dead-letters",
        "Many messages cannot be used",
        "SELECT now() AS time, reason, count() AS letters FROM dead_letters"
        " WHERE at >= now() - INTERVAL 1 HOUR GROUP BY reason",
        100,
        5,
        "warning",
        "More than 100 messages of the last hour are of no use: {{ $labels.reason }}.",
        "rapport-pipeline",
    ),
    Rule(
        "rapport-blind",
        "A source sees nothing",
        "SELECT now() AS time, source, max(dateDiff('minute', since, now())) AS minutes FROM source_status"
        " WHERE state = 'gap' AND until IS NULL GROUP BY source",
        15,
        0,
        "warning",
        "{{ $labels.source }} has seen nothing for more than 15 minutes.",
        "rapport-pipeline",
    ),
)


def as_yaml() -> Json:
    group = {
        "orgId": 1,
        "name": "rapport",
        "folder": FOLDER,
        "interval": "1m",
        "rules": [_rule(rule) for rule in RULES],
    }
    return {"apiVersion": 1, "groups": [group]}


def _rule(rule: Rule) -> Json:
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "C",
        "for": f"{rule.minutes}m",
        "noDataState": "OK",  # no row: nothing of the kind
        "execErrState": "Error",
        "labels": {"severity": rule.severity},
        "annotations": {"summary": rule.summary, "__dashboardUid__": rule.board},
        "data": [
            {
                "refId": "A",
                "datasourceUid": "clickhouse",
                "relativeTimeRange": {"from": 3600, "to": 0},
                "model": {"refId": "A", "editorType": "sql", "format": 4, "rawSql": rule.sql},
            },
            _expression("B", "reduce", expression="A", reducer="last"),
            _expression(
                "C",
                "threshold",
                expression="B",
                conditions=[{"evaluator": {"type": "gt", "params": [rule.above]}}],
            ),
        ],
    }


def _expression(ref: str, kind: str, **more: object) -> Json:
    return {"refId": ref, "datasourceUid": "__expr__", "model": {"refId": ref, "type": kind, **more}}
