"""Customers out of a file: which texts stand in it, which of them mean what.

In: a file somebody uploaded, of which nothing is believed. Out: rows of texts with their numbers as
Excel shows them, and a guess which column is the name and which the phone. A file's type is what
its bytes say, never its name. Everything here is plain functions without app, loop or database, to
be called in a child process under `caps.limit_memory`: what a hostile workbook may do to the
library that reads it, it does to that process alone.
"""
