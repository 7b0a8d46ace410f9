"""Faust agents: thin glue around scoring. Importing this package imports no Faust."""
