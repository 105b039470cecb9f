"""The life of a cloud: waking, sweeping, erasure, recovery, readiness."""
