"""`satchel ask`: what will be sent, and the answer."""
