"""Commands for agents: the server of the Model Context Protocol, and taking back what agents wrote."""
