"""The simulated carrier: a second Asterisk with numbers of defined behaviour, for the demo, selftest and tests.

Imports the other rooms; nobody imports it but __main__ and app.
"""
