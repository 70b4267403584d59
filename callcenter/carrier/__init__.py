"""The simulated carrier: a second Asterisk, with numbers of defined behaviour.

Imports the other rooms; nobody imports it but __main__ and app.
"""
