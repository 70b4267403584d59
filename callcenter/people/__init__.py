"""Who works here: users, departments, sessions, tokens, and what each may see.

In: a sign-in, a request. Out: the `User` behind it and the `Scope` of what they may see.
Sessions are rows (the token is stored hashed), so that anyone can be signed out at once.
"""
