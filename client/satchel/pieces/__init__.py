"""What a Piece is: its fields, their rules, and the values derived from its content."""
