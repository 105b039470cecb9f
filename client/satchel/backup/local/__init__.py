"""What backups keep on this device: the outbox, the known blocks, sequences, and archives in plain files."""
