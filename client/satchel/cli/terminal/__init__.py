"""Everything a command prints: output, tables, highlighted content, QR codes and progress bars."""
