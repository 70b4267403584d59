"""Customers and their contacts taken out as files [3.8, 3.13, 3.14], as long work.

In: what a list shows, or a selection of it. Out: xlsx or CSV that whoever asked downloads for some
days, and a line of the audit. Formulas are disarmed; memory stays flat however many rows there are.
"""
