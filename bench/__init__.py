"""Benchmarks: ``python -m bench`` measures speed, ``python -m bench.science.…`` each protocol of the science."""
