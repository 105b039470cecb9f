"""The sets: what each row is measured on, drawn from the packages of the table."""
