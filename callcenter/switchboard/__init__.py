"""The switchboard as people set it in the browser: trunks, numbers, hours, menus, queues, prompts.

In: forms, which change a draft. Out: checked as a whole, shown as a difference, written to the
exchange's files, reloaded; the version before can be taken back.
"""
