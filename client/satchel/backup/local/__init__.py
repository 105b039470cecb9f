"""What backups keep in the home: paths and lock, the outbox, known block names, sequences, file archives."""
