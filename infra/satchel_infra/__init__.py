"""Deployments of a cloud, rendered from the service's own table of settings."""
