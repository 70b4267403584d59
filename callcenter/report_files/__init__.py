"""What is done with a report beside looking at it: files, kept views, mails on a schedule.

In: a report of reports.registry and what it is asked. Out: xlsx, CSV and PDF with the company's
header, at once or as long work; rows in report_views and report_mails.
"""
