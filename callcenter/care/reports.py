"""The reports about care, for reports.registry."""

from callcenter.care import daily, files, newcomers, times, touched
from callcenter.errors import N_
from callcenter.people.permissions import Permission
from callcenter.reports.frame import Report

CARE: tuple[Report, ...] = (
    Report(
        "customer-interaction",
        N_("Customer interaction"),
        files.answer,
        about=N_(
            "Who works on which files: employee, number of files, one column for each status."
        ),
    ),
    Report(
        "interacted",
        N_("Customers interacted with"),
        touched.answer,
        about=N_("With which customers somebody had an interaction, and with which nobody had."),
    ),
    Report(
        "new-customers",
        N_("New customers"),
        newcomers.answer,
        about=N_("Customers that employees made themselves or were given, by day."),
    ),
    Report(
        "care-time",
        N_("Customer care time"),
        times.answer,
        about=N_("How long was interacted, by month and channel: shortest, longest, average."),
    ),
    Report(
        "interactions",
        N_("Interactions per day"),
        daily.answer,
        about=N_("Each call and activity of a day with its details and recording."),
        files=Permission.EXPORT,
        of=(Permission.CALLS, Permission.CUSTOMERS),
    ),
)
