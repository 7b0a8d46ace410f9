"""A new connector to begin with: ``make connector NAME=example``. It works, against a platform invented for it."""
