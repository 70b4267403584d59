"""Customers out of a file: matched, checked row by row, brought in, mended, taken back.

In: a file somebody uploaded, read by `sheets` in a process of its own, and what its columns mean.
Out: customers with their numbers, groups and histories; rows that wait with what is wrong with
them. Nothing is lost: what was accepted and what has errors are together all rows of the file.
"""
