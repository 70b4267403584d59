"""What callers hear of us: announcements, menus' words, music.

In: a file of any kind that has sound, or what somebody records in the page. Out: a sound the
exchange plays as callcenter/NAME, loud enough and no louder than others. The table says which there
are, `prompts` in our folder holds their sounds, and the exchange's own folder is made from the two.
What uses a prompt stands in the switchboard's plans, which this room does not know: a prompt is no
part of a plan, so that a new sound is heard at once.
"""
