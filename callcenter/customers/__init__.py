"""Who we talk to: files, their numbers, their owners.

In: forms and the API. Out: pages, and `Cards`, the quick way from a number to a name while a phone
rings.
"""
