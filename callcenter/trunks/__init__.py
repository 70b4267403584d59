"""Providers: the trunks of the switchboard, how they are, and the numbers that we show by them.

In comes what people set and what the exchange says of each; out go changes of the plan, and a
sentence when one stops answering. A trunk is tried by ourselves, before anything is published: we
ask the provider as the exchange would, without signing in anywhere (`probe`).
"""
