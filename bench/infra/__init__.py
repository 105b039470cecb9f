"""Benchmarks of `satchel-infra`."""
