"""After a call: what it ended in (outcomes, two levels deep), and what is not finished yet.

In: calls that end, outcomes and notes of agents. Out: what there is to choose from, and the list
"to finish". A debt is written when the call ends, not when its agent leaves it, so that nothing
which happens to a page, an agent or this service loses it.
"""
