"""The pages for what is done with selected customers: they ask, and `assignment` does it.

In: a selection (lists.selection). Out: a batch that is done, or long work that does it.
"""
