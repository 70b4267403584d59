"""All pages of this room."""

from callcenter.staff import (
    account_views,
    department_views,
    form_views,
    group_views,
    leave_views,
    list_views,
    phone_views,
    skill_views,
)

routes = [
    *list_views.routes,
    *form_views.routes,
    *leave_views.routes,
    *department_views.routes,
    *group_views.routes,
    *skill_views.routes,
    *account_views.routes,
    *phone_views.routes,
]
