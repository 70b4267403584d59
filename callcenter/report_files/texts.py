"""A value as letters, for files that have nothing else: CSV and PDF."""

from datetime import date, datetime

from callcenter.pages.formats import MONTHS
from callcenter.report_files.paper import Heading
from callcenter.reports.frame import Kind, Value


def text(value: Value, heading: Heading, language: str, *, grouped: bool) -> str:
    """`grouped`: 12.345 for people; otherwise 12345, as other programs read it, and days as
    Excel reads them here, 21/11/2026, in English too. "" for nothing.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case datetime():
            return f"{_day(value, language, grouped)} {value:%H:%M}"
        case date() if heading.kind is Kind.MONTH:
            return f"{value:%m/%Y}"
        case date():
            return _day(value, language, grouped)
    if heading.kind is Kind.SECONDS:
        return _clock(value)
    sign = "+" if heading.is_change and value > 0 else ""
    if heading.kind is Kind.SHARE:
        return f"{sign}{_decimal(value * 100, language, grouped)}%"
    if heading.kind is Kind.DECIMAL or isinstance(value, float):
        return _decimal(value, language, grouped)
    return _in(language, f"{value:,}" if grouped else str(value))


def _day(value: date, language: str, grouped: bool) -> str:
    if grouped and language == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value:%d/%m/%Y}"


def _clock(seconds: float) -> str:
    """1:02:05, hours also where there are none: a spreadsheet takes 3:07 for hours and minutes."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours}:{minutes:02}:{rest:02}"


def _decimal(value: float, language: str, grouped: bool) -> str:
    return _in(language, f"{value:,.1f}" if grouped else f"{value:.1f}")


def _in(language: str, figure: str) -> str:
    return figure.translate(_VIETNAMESE) if language == "vi" else figure


_VIETNAMESE = str.maketrans(",.", ".,")
