"""The parts of the page, named as the figures in `plots` are."""
