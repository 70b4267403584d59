"""The lists of customers: filters, columns, the row's menu, looking up, duplicates and gaps.

In: what somebody asks to see. Out: pages; what is done with a selection is in `assignment`.
"""
