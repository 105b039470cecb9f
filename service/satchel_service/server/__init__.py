"""Running the service: the ASGI application, gunicorn, and its connections."""
