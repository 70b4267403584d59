"""The workbook people fill in: every field a column, two examples, and what each of them means."""

from collections.abc import Callable
from io import BytesIO

import xlsxwriter

from callcenter.customers.fields import FIELDS as CUSTOMER_FIELDS
from callcenter.errors import N_
from callcenter.imports.fields import FIELDS, Field

Say = Callable[[str], str]  # an English sentence of the catalogue in the reader's language

KINDS = {
    "person": N_("Person"),
    "organisation": N_("Organisation"),
    "shop": N_("Shop"),
    "household": N_("Household"),
}
_EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "name": "Nguyễn Thị Hường",
        "phone": "0912 345 678",
        "kind": "person",
        "email": "huong@example.com",
        "address": "12 Lê Lợi, Huế",
        "birthday": "31/12/1990",
    },
    {
        "name": "Công ty TNHH An Phát",
        "phone": "028 7300 1234; 0987 654 321",
        "kind": "organisation",
        "email": "lienhe@example.com",
        "tax_code": "0312345678",
        "address": "45 Nguyễn Huệ, TP. Hồ Chí Minh",
        "website": "www.example.com",
        "founded_on": "15/06/2010",
    },
)
_WIDE = {"name", "phone", "address", "registered_address", "place", "email", "note", "company"}
_ROWS_WITH_CHOICE = 10_000  # below the headings, that offer the kinds of customer in a list


def workbook(say: Say) -> bytes:
    """An xlsx: headings (required ones with *), two examples, a sheet that explains the fields.

    All cells are text, so that Excel leaves the zeros of phone numbers, codes and days alone.
    """
    buffer = BytesIO()
    how = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, how) as book:
        _customers(book, say)
        _explanations(book, say)
    return buffer.getvalue()


def heading_of(field: Field, say: Say) -> str:
    """As it stands in the template: "Name (*)"."""
    label = say(CUSTOMER_FIELDS[field.key].label)
    return f"{label} (*)" if field.is_required else label


def _customers(book: xlsxwriter.Workbook, say: Say) -> None:
    sheet = book.add_worksheet(say(N_("Customers")))
    text = book.add_format({"num_format": "@"})
    plain = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
    required = book.add_format({"bold": True, "bg_color": "#FBE3D6", "bottom": 1})
    for column, field in enumerate(FIELDS):
        sheet.set_column(column, column, 30 if field.key in _WIDE else 18, text)
        heading = heading_of(field, say)
        sheet.write_string(0, column, heading, required if field.is_required else plain)
        for row, example in enumerate(_EXAMPLES, 1):
            value = example.get(field.key, "")
            if value:
                shown = say(KINDS[value]) if field.key == "kind" else value
                sheet.write_string(row, column, shown, text)
        if field.key == "kind":
            choice = {"validate": "list", "source": [say(kind) for kind in KINDS.values()]}
            sheet.data_validation(1, column, _ROWS_WITH_CHOICE, column, choice)
    sheet.freeze_panes(1, 1)


def _explanations(book: xlsxwriter.Workbook, say: Say) -> None:
    sheet = book.add_worksheet(say(N_("Explanations")))
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    headings = (N_("Column"), N_("Required"), N_("What to enter"))
    for column, (heading, width) in enumerate(zip(headings, (28, 12, 70), strict=True)):
        sheet.set_column(column, column, width, wrapped)
        sheet.write_string(0, column, say(heading), bold)
    for row, field in enumerate(FIELDS, 1):
        sheet.write_string(row, 0, heading_of(field, say), wrapped)
        sheet.write_string(row, 1, say(N_("Yes")) if field.is_required else "", wrapped)
        sheet.write_string(row, 2, say(field.about), wrapped)
    last = len(FIELDS) + 2
    sheet.write_string(last, 0, say(N_("Delete the two examples before you upload.")))
    sheet.freeze_panes(1, 0)
