"""All reports that have a table of their own, by name."""

from callcenter.care.reports import CARE
from callcenter.reports.call_table import REPORT as CALLS
from callcenter.reports.frame import Report

_ALL: tuple[Report, ...] = (CALLS, *CARE)

REPORTS = {report.name: report for report in _ALL}
