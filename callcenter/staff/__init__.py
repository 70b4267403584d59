"""The pages of administration: accounts, departments, permission groups, one's own account.

In: forms of whoever may. Out: changed rows, and a directory that was read again; who may do what is
decided in `rules`, what a leaver leaves behind in `handover`. Identity and rights are in `people`.
"""
