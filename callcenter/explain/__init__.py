"""Why a call rang where it did, and why it did not: the way of each call, hop by hop.

In: calls that change, what pages are sent and say, decisions, recordings, rows, phones. Out: rows
of call_hops, kept for 30 days, and pages that tell them with the exchange's own journey of the call
(calls.journey) as one chain. Nothing here holds up a call: what happens is noted in memory and
written behind its back; when the database cannot follow, hops are dropped and counted, not waited
for.
"""
