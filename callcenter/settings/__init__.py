"""What the company sets for itself: its name, its queues and numbers.

In: `callcenter init`, the demo. Out: the tables below, asked by the dialplan and the pages.
"""
