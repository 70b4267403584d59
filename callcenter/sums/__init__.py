"""Figures of calls, by whatever they are asked by: what all reports of calls are made of.

In: who asks, what is asked (reports.asked), by which keys. Out: Sums (`queries.by`, `.slots`), and
what is worked out from them (`terms`). The sums are kept by the journal in the transaction that
ends a call (calls.counting says what a call counts as, calls.summing writes); `rebuild` makes them
anew from the calls, `check` compares.

The terms, for every report, page and file:

A call counts once it has ended, on the company's day and hour at which it began, for whoever talked
last, else placed it, else was rung last; and for that person's department, else the queue's.
Calls between colleagues are in no report.

calls                all of them, whatever they ended in.
answered             somebody talked with the customer.
offered              came in and reached a queue, whatever came of it.
offered_answered     those of them that were answered.
answered_in_time     and within the seconds that counted as in time for their queue then (20 where
                     nothing was set). The time is from the call's beginning.
abandoned            offered, and the customer hung up before anybody answered.
abandoned_short      within 5 seconds (calls.counting.SHORT_S): nobody could have answered these.
waited_s             from the call's beginning until it was answered or over; of all calls.
waited_answered_s    the same of the offered calls that were answered;
waited_abandoned_s   of those that were abandoned, short ones included.
longest_wait_s       of one offered call, answered or not.
talked_s             the customer with an agent and both able to speak: without hold. Of a call that
                     several had, all of it, in the name of whoever talked last.
held_s               the customer on hold, after having talked.
wrapped_s            what its agents spent on it afterwards, until their wrap-up was over; it comes
                     to the sums when it ends.

service level            answered_in_time / (offered - abandoned_short)
answer rate              answered / calls
average speed of answer  waited_answered_s / offered_answered (ASA)
handling time            (talked_s + held_s + wrapped_s) / answered (AHT)
abandonment              (abandoned - abandoned_short) / (offered - abandoned_short)
occupancy                (in a call + on hold + after a call) / (the same + ready): of people and of
                         their states (staffing), for nobody's time belongs to one queue

Where nothing divides there is nothing to say (None), which is not 0.
"""
