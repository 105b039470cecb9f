"""The figures of docs/reference/scale.md: plans, a simulated month, plots."""
