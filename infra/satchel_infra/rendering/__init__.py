"""Deployments as text: what each platform would apply, from the service's own table of settings.

Each sets only the variables that differ from the service's defaults, after running the service's own checks.
"""
