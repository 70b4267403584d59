"""How customers are looked after, in reports: whose files, who was talked with, for how long.

In: calls that are written down, activities, customers' files. Out: tables for reports.frame, and
the conditions by which the list of customers shows what a number of theirs counted.

Days that are over are summed up by month and day at night (`summing`); `sums` answers from these,
and from the calls and activities themselves on all other days: today's, and those on which
something changed since (calls.late). So a call that ends writes nothing here, and no report waits
for the night to be right.

Whose files customers' are is kept as numbers side by side (`owners`), five minutes old at most;
files that changed since, as the database has noted, are read one by one.
"""
