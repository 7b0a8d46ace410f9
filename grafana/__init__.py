"""Dashboards and alert rules as code: ``python -m grafana`` writes the JSON and YAML that Grafana reads."""
