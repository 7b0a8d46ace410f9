"""Benchmarks: ``python -m bench`` measures speed."""
