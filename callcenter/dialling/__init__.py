"""Who may call where: asked before every call to a number outside, whoever wishes it.

In: the live plan's rules (switchboard.plan.Dialling), the list of those who do not want to be
called, the calls placed within an hour. Out: a yes, or a sentence that says which rule it was and
who can change it. Rules and counts are in memory; the list is one question by an indexed key.
Calls to colleagues and to our own numbers are not asked about; emergency numbers always pass.
"""
