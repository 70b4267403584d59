"""Who is to be called back: planned callbacks [8.5, 8.6] and missed calls, in one inbox.

In: plans of agents; rows that the journal has written. Out: the inbox, the schedule, reminders on
the pages of those who should call. A missed call is nothing of its own: it is read from the table
of calls, each time, so that those filled in after an outage count as well. Only what a person does
about it (takes it, puts it aside) is kept, as a mark.
"""
