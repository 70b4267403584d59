"""All addresses of this room."""

from callcenter.callbacks import action_views, missed_views, plan_views, queries, schedule_views
from callcenter.customers.timeline import SOURCES

SOURCES.append(queries.entries)  # of a customer's line of time

routes = [
    *missed_views.routes,
    *schedule_views.routes,
    *plan_views.routes,
    *action_views.routes,
]
