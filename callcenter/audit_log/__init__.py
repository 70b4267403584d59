"""The log: who looked customers up, took them out, deleted, listened, and changed accounts.

In: entries that other rooms write (people.audit). Out: a page of the settings, for superadmins.
"""
