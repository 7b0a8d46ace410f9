"""The evaluation protocols of the science: each module is one command that prints a table and writes JSON."""
