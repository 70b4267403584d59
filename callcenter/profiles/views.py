"""All addresses of a customer's file."""

from callcenter.profiles import (
    bin_views,
    field_views,
    form_views,
    merge_views,
    page_views,
    share_views,
)

routes = [
    *form_views.routes,
    *page_views.routes,
    *field_views.routes,
    *share_views.routes,
    *bin_views.routes,
    *merge_views.routes,
]
