"""The one door out: every connection that leaves this device is opened here.

    transport = HttpTransport(user_agent="satchel/1.0", proxies=Proxies.of_system(), read_timeout_s=30)
    response = transport.send(Request("GET", "https://cloud.example.com/v1/status"))

`address` decides where requests may go, `transport` sends one, `retrying` repeats those that may be repeated.
No other module of the client imports urllib3, sockets or TLS; import-linter enforces it.
"""
