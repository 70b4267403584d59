"""Agents at work: ready, on a break, in a call, in wrap-up, away; and their places in the queues.

In: wishes of the agent's page, the state of phones, changes of calls. Out: queue membership at the
exchange, and each agent's state to the pages.
"""
