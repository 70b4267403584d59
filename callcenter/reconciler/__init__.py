"""Recordings compared: what lies on the disk, what the database says, what the exchange does.

In: two folders, the rows of calls and recordings, the board. Out: three lists of what does not
agree, each with its reason and, where there is one, its mend; and the figure "unlinked" for
whoever watches us. Small looks each minute, at what is new; everything once a night.
"""
