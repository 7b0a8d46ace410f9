"""Notifications: one as it would be, and any there could be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from alerts.alert import Alert, Link, Notification, Severity, labels_of
from tests.hostile import TEXTS

AT = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
PANEL = "https://grafana.example.org/d/rapport-trust/trust?viewPanel=3&var-brand=lumenbrew"

ALERT = Alert(
    rule="real_share_falls",
    labels=labels_of(alertname="real_share_falls", brand="lumenbrew", severity="warning", person="x:nell"),
    severity=Severity.WARNING,
    summary="Of what people say to lumenbrew, 41 % is real; a week ago it was 78 %.",
    certainty="Very sure: 1,204 interactions, twice outside of what is usual at this hour.",
    evidence=("82 % of the rest comes from 41 coordinated accounts.", "They are 3 days old at most."),
    value=0.41,
    threshold=0.6,
    links=(Link(title="Trust of lumenbrew", url=PANEL),),
    sql="SELECT 1",
    starts_at=AT,
)


def notification(*alerts: Alert, **changed: Any) -> Notification:
    made = Notification(
        id="msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        receiver="ops",
        group_key='{}:{alertname="real_share_falls"}',
        group_labels=(("alertname", "real_share_falls"),),
        alerts=alerts or (ALERT,),
        at=AT + timedelta(minutes=1),
    )
    return replace(made, **changed)


def hostile(text: str) -> Alert:
    """Everything that can come from a stranger is ``text``."""
    return replace(
        ALERT,
        labels=labels_of(alertname="real_share_falls", brand="lumenbrew", severity="warning", person=text),
        summary=text,
        certainty=text,
        evidence=(text,) * 8,
        links=(Link(title=text, url=text), Link(title=text, url=PANEL)),
    )


def unlinked(alert: Alert, sql: str) -> Alert:
    return replace(alert, links=(), sql=sql)


texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(TEXTS),
    st.sampled_from(["`", "&", "<", "*", "\\", '"', "語", "👩‍👩‍👧", "\ud800", "\x01", "a b\n"]).map(
        lambda one: one * 5_000
    ),
)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
urls = st.one_of(
    texts,
    st.builds(
        lambda path, length: f"https://grafana.example.org/d/{path}?from=1&to=2#" + "&(|" * length,
        st.text(max_size=40),
        st.integers(0, 800),
    ),
)
alerts = st.builds(
    Alert,
    rule=st.one_of(st.just("real_share_falls"), texts),
    labels=st.lists(st.tuples(texts, texts), max_size=30).map(lambda pairs: tuple(sorted(pairs))),
    severity=st.sampled_from(Severity),
    summary=texts,
    certainty=texts,
    evidence=st.lists(texts, max_size=20).map(tuple),
    value=st.floats(),
    threshold=st.floats(),
    links=st.lists(st.builds(Link, title=texts, url=urls), max_size=6).map(tuple),
    sql=texts,
    starts_at=times,
    ends_at=st.none() | times,
)
notifications = st.builds(
    Notification,
    id=st.just("msg_1"),
    receiver=texts,
    group_key=texts,
    group_labels=st.lists(st.tuples(texts, texts), max_size=30).map(tuple),
    alerts=st.lists(alerts, min_size=1, max_size=10).map(tuple),
    at=times,
)
