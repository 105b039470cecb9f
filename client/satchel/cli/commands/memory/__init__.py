"""`satchel memory`: what the device remembers of the owner's work, and what it may record."""
