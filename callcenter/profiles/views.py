"""All addresses of a customer's file."""

from callcenter.profiles import field_views, form_views, page_views

routes = [*form_views.routes, *page_views.routes, *field_views.routes]
