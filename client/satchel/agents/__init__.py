"""What agents can do with the store over the Model Context Protocol: a few tools, each with a token budget.

    desk = Desk(home, Policy(writes=False), agent="claude")
    answer = desk.call("search_pieces", {"query": "http header"}, Client("claude-code", "2.1"))
    answer.document     # plain JSON values; recorded in the ledger before they are returned

`desk` runs the tools and knows nothing of the protocol. `server` speaks it, and is the only module that imports the
SDK of the extra `mcp`.
"""

from satchel.agents.desk import Answer, Client, Desk, Policy

__all__ = ["Answer", "Client", "Desk", "Policy"]
