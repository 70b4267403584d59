"""The pages of one customer's file: the form, the page with its tabs, sharing, the bin, merging.

In: what people type. Out: customers.saving and its neighbours, which check it and write it down.
The lists are in `lists`, contacts in `contacts`, documents in `documents`.
"""
