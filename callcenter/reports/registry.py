"""All reports that have a table of their own, by name."""

from callcenter.care.reports import CARE
from callcenter.reports.call_table import REPORT as CALLS
from callcenter.reports.frame import Report
from callcenter.service.table import REPORT as SERVICE
from callcenter.staffing.report import AGENTS, OUTCOMES

_ALL: tuple[Report, ...] = (CALLS, SERVICE, AGENTS, OUTCOMES, *CARE)

REPORTS = {report.name: report for report in _ALL}
