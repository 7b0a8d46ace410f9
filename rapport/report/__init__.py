"""``rapport report``: one brand's relationships as one HTML file that needs nothing else, on any screen, offline."""
