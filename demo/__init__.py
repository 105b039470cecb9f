"""The main workflow, end to end on real data: `make demo`."""
