"""The team at this moment: who does what, who waits, what is wrong; for leads and for a wall.

In: changes of calls and agents, rows of calls once written. Out: the same few bytes to all who may
see the same (`team.Team`), alerts, messages of leads to their people.
"""
