"""The lists that a company makes for itself: types, groups, positions, sources, statuses, places.

In: the settings' pages, an import of places. Out: `queries`, asked by forms, lists and imports.
"""
