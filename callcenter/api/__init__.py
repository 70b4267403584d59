"""/api/v1 for programs and for our own pages' live parts: JSON of typed structs, described by /api/v1/openapi.json.

Errors are {"error": code, "message": sentence}. Rights are those of the pages, by session or bearer token.
"""
