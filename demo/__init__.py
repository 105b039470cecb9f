"""The main job, shown end to end on real input: `make demo`."""
