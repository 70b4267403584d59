"""Questions and their answers: how many calls, how long, by whom.

In: a period and who asks. Out: figures from the sums (callcenter.sums), never from single calls.
"""
