"""/api/v1 for programs and for our own pages' live parts: JSON of typed structs.

In: requests of a session or a bearer token, with the rights the pages have. Out: what the tables
and the board hold, and wishes to the exchange. Errors are {"error": code, "message": sentence}. One
table (table.py) makes the routes and /api/v1/openapi.json, so that the two cannot drift.
"""
