"""What runs a cloud on somebody's computer: renderers of deployments, from the service's own table of settings."""
