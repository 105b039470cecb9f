"""The life cycle of a cloud: start-up, readiness, deletion of expired data, erasure, and recovery."""
