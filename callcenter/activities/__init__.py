"""What was done with a customer besides calls: visits, mails, meetings, noted in two clicks.

In: the quick form on a customer's row or page. Out: lines of the customer's timeline.
"""
