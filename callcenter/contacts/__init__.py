"""The people one talks to at a customer's [2.19].

In: forms. Out: the tab of a customer, a list of all of them; their numbers find the customer while
a phone rings (customer_phones.contact_id).
"""
