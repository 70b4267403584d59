"""Who is looking at what. Each open page has a seat; a change of a call goes to its agents' seats.

In: `Change` from the board. Out: JSON over /events: the state first, then changes. A slow page is
dropped and catches up when it comes back. An idle page has no task of its own: it costs 16 KB.
"""
