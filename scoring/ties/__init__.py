"""What passes between a brand and one person: the state of the tie, and what is read from it. Pure functions."""
