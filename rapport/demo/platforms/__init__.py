"""Platforms that are not there: each speaks its API as documented, over one invented world.

The tests ask them, and ``rapport demo --live`` listens to them. A module per kind of source with ``app(world)``, the
paths of the real one; ``account(person)``, ``act(id)``: the ids that Rapport gives an account and an act; and
``CARRIES``, what of the world the platform can show at all.
"""
