"""The kinds of sources, a module each: ``Settings`` of its table in ``rapport.toml``, ``sources`` made from them."""
