"""Tables out of uploaded files: xlsx, xls, CSV of any Windows.

In: a file of which nothing is believed. Out: rows of texts, with their numbers as Excel shows them.
A file's type is what its bytes say, never its name. Plain functions without app, loop or database,
to be called in a child process under `caps.limit_memory`: what a hostile workbook may do to the
library that reads it, it does to that process alone.
"""
