"""How well calls for queues are answered: the service report, and the heat map of a week.

In: who asks and what (reports.frame, reports.asked). Out: figures of incoming calls by time or by
queue. What each figure means is said once, in callcenter/sums.
"""
