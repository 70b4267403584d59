"""The door to Asterisk. AMI messages come in, our events go out; our wishes go back as actions.

The only room that says "panoramisk", "Linkedid" or "PJSIP". It also renders the exchange's
configuration from dialplan/ and, when the exchange is embedded, starts, watches and stops it.
"""
