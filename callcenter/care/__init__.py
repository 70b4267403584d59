"""How customers are looked after, in reports: whose files, who was talked with, for how long.

In: calls that are written down, activities, customers' files. Out: tables for reports.frame, and
the conditions by which the list of customers shows what a number of theirs counted.
"""
