"""How agents spend their time: signed in, in which states, on which breaks, with which calls.

In: the states that the diary writes (agents.models.AgentState), phones that rang in vain, ended
calls. Out: the agents' report, and one agent's or one team's day as lines.

Decided: a report over 13 months of 1,000 agents may not read 60 million changes, so each agent has
a row a day of *running* totals (`AgentDay`): a period is one row less another, however long it is.
They are kept in the transaction that writes the states; what lasts at the moment is added when
somebody asks. `callcenter reports rebuild` makes them anew from the changes.
"""
