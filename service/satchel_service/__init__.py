"""The cloud of one owner: a Starlette application over a micro-database and object storage."""
