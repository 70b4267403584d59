"""Find duplicates and missing data among the customers one may see [2.7].

In: the criteria ticked. Out: groups of files that agree in all of them; files with gaps.
"""
