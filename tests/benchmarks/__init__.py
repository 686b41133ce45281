"""`make bench`: what a reading and a page cost. Nothing else in the suite measures time."""
