"""The cloud of one owner: an ASGI application over a micro-database and object storage."""
