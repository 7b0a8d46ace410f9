"""A simulated audience with known truth, for the demo and for tests that must know who is real."""
