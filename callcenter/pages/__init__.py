"""What all pages share: templates, languages, the shell around a page, what keeps it safe.

In: a room's name of a template and its values. Out: a page, or its main part alone when htmx asks.
Inline script and style are forbidden by policy. The phone lives outside what is swapped.
"""
