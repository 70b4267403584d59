"""All reports that have a table of their own, by name."""

from callcenter.reports.frame import Report

_ALL: tuple[Report, ...] = ()

REPORTS = {report.name: report for report in _ALL}
