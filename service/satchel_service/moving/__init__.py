"""Moving a cloud from one storage to another (docs/spec/log.md, section 14)."""
