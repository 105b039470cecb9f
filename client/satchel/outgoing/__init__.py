"""Outgoing connections. This package opens every connection that leaves the device.

    transport = HttpTransport(user_agent="satchel/1.0", proxies=Proxies.of_system(), read_timeout_s=30)
    response = transport.send(Request("GET", "https://cloud.example.com/v1/status"))

`address` parses origins and requires TLS, `transport` sends one request over guarded `connections`, `failures` names
the cause if none arrives, `retrying` retries the repeatable ones.
No other package of the client imports urllib3, sockets or TLS; import-linter enforces this.
"""
