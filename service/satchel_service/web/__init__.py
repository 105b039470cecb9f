"""HTTP: endpoints with three moves each (decode, call the core, encode), and what surrounds every request."""
