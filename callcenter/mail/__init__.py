"""Letters that go out by the company's own mail server (SMTP). Off until somebody sets one.

In: the server's page of the settings; `Post.send(server, message, …)` of whoever has a letter. Out:
letters, and in words what the server said of them.
"""
