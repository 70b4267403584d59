"""Leads in calls of their people: they listen, whisper, join, take over, as long as they may.

In: a lead's wish, the board's changes. Out: moves of the lead's own phone, and of others' when they
join; what open pages are told; a row for each stretch. Nobody listens before that is written down.
"""
