"""Whom a call that comes in rings before its queue.

In: new calls from the board, the customer's card, who is ready. Out: one word to the dialplan,
which waits for it a moment and goes on without it.
"""
