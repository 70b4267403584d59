"""The rooms with pages, for the application and for the tests' own: add yours here."""

from callcenter.activities import views as activities
from callcenter.agents import break_views as breaks
from callcenter.archive import erase_views as erasing
from callcenter.archive import hold_views as holds
from callcenter.archive import retention_views as retention
from callcenter.archive import storage_views as storage
from callcenter.archive import zip_views as zips
from callcenter.audit_log import heard_views as recordings_heard
from callcenter.audit_log import views as audit_log
from callcenter.bulk import views as bulk
from callcenter.callbacks import views as callbacks
from callcenter.calls import list_views as call_list
from callcenter.calls import views as calls
from callcenter.care import daily_views as interactions
from callcenter.care import views as care
from callcenter.carrier import views as carrier
from callcenter.catalogues import place_import_views as place_import
from callcenter.catalogues import place_views as places
from callcenter.catalogues import views as catalogues
from callcenter.check import views as check
from callcenter.contacts import views as contacts
from callcenter.dialling import customer_views as not_to_be_called
from callcenter.dialling import list_views as do_not_call
from callcenter.dialling import national_views as national_list
from callcenter.dialling import rule_views as dialling_rules
from callcenter.documents import views as documents
from callcenter.explain import views as explain
from callcenter.exports import views as exports
from callcenter.imports import row_views as import_rows
from callcenter.imports import run_views as import_runs
from callcenter.imports import step_views as import_steps
from callcenter.imports import views as imports
from callcenter.jobs import views as long_work
from callcenter.lists import views as lists
from callcenter.live import alert_views as live_alerts
from callcenter.live import message_views as live_messages
from callcenter.live import views as live
from callcenter.live import wall_views as live_walls
from callcenter.look_up import views as look_up
from callcenter.mail import views as mail
from callcenter.people import views as people
from callcenter.phone import views as phone
from callcenter.popups import views as popups
from callcenter.profiles import views as profiles
from callcenter.prompts import views as prompts
from callcenter.reconciler import views as reconciler
from callcenter.recordings import mask_views as masks
from callcenter.recordings import views as recordings
from callcenter.report_files import kept_views as kept_reports
from callcenter.report_files import views as report_files
from callcenter.report_mail import views as report_mail
from callcenter.reports import index_views as all_reports
from callcenter.reports import outcome_views as outcome_report
from callcenter.reports import views as reports
from callcenter.service import views as service
from callcenter.settings import views as settings
from callcenter.staff import views as staff
from callcenter.staffing import day_views as agents_days
from callcenter.staffing import views as agents_report
from callcenter.sums import views as sums
from callcenter.switchboard import change_views as switchboard_changes
from callcenter.switchboard import delete_views as switchboard_deletion
from callcenter.switchboard import holiday_views as switchboard_holidays
from callcenter.switchboard import hours_views as switchboard_hours
from callcenter.switchboard import menu_views as switchboard_menus
from callcenter.switchboard import message_views as switchboard_messages
from callcenter.switchboard import number_views as switchboard_numbers
from callcenter.switchboard import queue_views as switchboard_queues
from callcenter.switchboard import version_views as switchboard_versions
from callcenter.switchboard import views as switchboard
from callcenter.switchboard import voicemail_views as switchboard_voicemails
from callcenter.trunks import shown_views as shown_numbers
from callcenter.trunks import views as trunks
from callcenter.wrap_up import settings_views as wrap_up_settings
from callcenter.wrap_up import views as wrap_up

ROOMS = (
    people,
    staff,
    live,
    live_alerts,
    live_messages,
    live_walls,
    profiles,
    contacts,
    lists,
    documents,
    imports,
    import_steps,
    import_runs,
    import_rows,
    bulk,
    check,
    look_up,
    activities,
    exports,
    callbacks,
    call_list,
    calls,
    explain,
    wrap_up,
    wrap_up_settings,
    all_reports,
    report_files,
    agents_report,
    agents_days,
    kept_reports,
    report_mail,
    reports,
    outcome_report,
    service,
    care,
    interactions,
    recordings,
    masks,
    erasing,
    holds,
    retention,
    storage,
    zips,
    reconciler,
    trunks,
    shown_numbers,
    popups,
    prompts,
    switchboard_voicemails,
    phone,
    switchboard,
    switchboard_numbers,
    switchboard_hours,
    switchboard_holidays,
    switchboard_menus,
    switchboard_messages,
    switchboard_deletion,
    switchboard_queues,
    switchboard_changes,
    switchboard_versions,
    dialling_rules,
    do_not_call,
    national_list,
    not_to_be_called,
    settings,
    mail,
    sums,
    audit_log,
    recordings_heard,
    breaks,
    catalogues,
    places,
    place_import,
    carrier,
    long_work,
)
