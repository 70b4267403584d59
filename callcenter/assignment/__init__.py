"""Who gets which customers when many are given out at once.

In: how many there are, and who may receive them. Out: a share for each, and what nobody could
take. The manuals name the mechanism "priority" without saying what it is; ours fills the first
person up to a capacity, then the next, and leaves unassigned what is beyond the last.
"""
