"""Drawing on a terminal: output, tables, progress, highlighted content, QR codes, units."""
