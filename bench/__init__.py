"""Benchmarks: every figure in docs/reference/benchmarks.md comes from here, as ratios beside a peer in one run."""
