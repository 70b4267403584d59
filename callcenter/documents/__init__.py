"""Documents of customers: contracts, copies of identity cards, price lists.

In: an upload, its type told by its content. Out: PDF shown in the page, anything else downloaded.
The files lie in var/documents under names of ours; the table knows what they were called.
"""
