"""The heart: what a call is, which calls are alive now, and what became of the others.

In: events (facts, once and in order) through `Board.apply`. Out: a `Change` to each listener.
Imports no other room: users, customers and queues are known here by extension, number and name.
"""
