"""A call center around Asterisk. Read app.py first; each room's __init__.py is its sign."""
