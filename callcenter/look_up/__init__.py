"""Look up any customer of the company [2.13]: whoever answers the phone must find whose it is.

In: five criteria. Out: code, name, owner, addresses, and no more; each look-up is in the audit.
"""
