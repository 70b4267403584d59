"""What a column of a file may be: each field of a customer, what offices call it, what to enter.

Beside customers.fields, which has the labels: this table is read where no database is.
"""

from dataclasses import dataclass

from callcenter.errors import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as a column."""

    key: str  # its name in customers.fields
    called: tuple[str, ...]  # headings that mean it, as customers.search.key_of writes them
    about: str  # what to enter, for the template's second sheet; a sentence of the catalogue
    is_required: bool = False


_TEXT = N_("Free text.")
_CATALOGUE = N_("As it is called in the catalogue.")
_DAY = N_("Day, month and year: 31/12/1990.")

FIELDS = (
    Field(
        key="name",
        called=(
            *("ten", "ho ten", "ho va ten", "ten day du", "ten kh", "ten khach", "ho ten kh"),
            *("ten khach hang", "khach hang", "ho ten khach hang", "ho va ten khach hang"),
            *("name", "full name", "fullname", "customer name", "customer", "client"),
        ),
        about=N_("Of the person, organisation, shop or household."),
        is_required=True,
    ),
    Field(
        key="phone",
        called=(
            *("so dien thoai", "sdt", "dt", "dien thoai", "so dt", "di dong", "dtdd", "so di dong"),
            *("dien thoai di dong", "so dien thoai di dong", "dien thoai ban", "so may", "hotline"),
            *("phone", "phone number", "phones", "mobile", "mobile phone", "cell", "cell phone"),
            *("tel", "telephone", "landline", "so lien he", "so lien lac", "sdt lien he"),
        ),
        about=N_("The first is the one that is called. More in one cell are divided by ;"),
        is_required=True,
    ),
    Field(
        key="code",
        called=(
            *("ma", "ma kh", "ma khach", "ma khach hang", "ma so khach hang", "customer code"),
            *("code", "customer id", "customer no"),
        ),
        about=N_("Left empty, the next free one is given."),
    ),
    Field(
        key="kind",
        called=(
            *("loai khach hang", "loai kh", "loai ho so", "loai", "kieu khach hang"),
            *("kind", "profile kind", "kind of customer", "customer kind", "type", "customer type"),
        ),
        about=N_("Person, organisation, shop or household; left empty: person."),
    ),
    Field(
        key="email",
        called=("email", "e mail", "mail", "thu dien tu", "dia chi email", "email address"),
        about=N_("One address."),
    ),
    Field(
        key="company",
        called=(
            *("cong ty", "ten cong ty", "don vi", "co quan", "noi lam viec", "doanh nghiep"),
            *("company", "company name", "organisation", "organization", "business name"),
        ),
        about=_TEXT,
    ),
    Field(
        key="tax_code",
        called=("ma so thue", "mst", "tax code", "tax id", "tax number", "vat number"),
        about=N_("10 digits, or 13 of a branch."),
    ),
    Field(
        key="address",
        called=(
            *("dia chi", "dia chi van phong", "dia chi giao dich", "dia chi lien he", "d c", "dc"),
            *("dia chi nha", "noi o", "address", "office address", "home address", "street"),
        ),
        about=N_("Of the office or the home."),
    ),
    Field(
        key="registered_address",
        called=(
            *(
                "dia chi dang ky",
                "dia chi dang ky kinh doanh",
                "dia chi dkkd",
                "dia chi kinh doanh",
            ),
            *("tru so", "dia chi tru so", "registered address", "business address"),
        ),
        about=N_("As in the business registration."),
    ),
    Field(
        key="place",
        called=(
            *(
                "phuong xa quan huyen tinh thanh pho",
                "phuong quan tinh",
                "khu vuc",
                "vi tri dia li",
            ),
            *("vi tri dia ly", "dia ban", "tinh thanh", "tinh thanh pho", "tinh", "thanh pho"),
            *("ward district province", "place", "location", "region", "province", "city"),
        ),
        about=N_("From the smallest to the largest, divided by commas."),
    ),
    Field(
        key="website",
        called=("website", "web", "trang web", "homepage", "url"),
        about=_TEXT,
    ),
    Field(key="fax", called=("fax", "so fax", "fax number"), about=_TEXT),
    Field(
        key="birthday",
        called=(
            "ngay sinh",
            "sinh nhat",
            "ngay thang nam sinh",
            "birthday",
            "date of birth",
            "dob",
        ),
        about=_DAY,
    ),
    Field(
        key="founded_on",
        called=(
            "ngay thanh lap",
            "thanh lap",
            "founding day",
            "founded on",
            "founded",
            "established",
        ),
        about=_DAY,
    ),
    Field(
        key="groups",
        called=(
            "nhom khach hang",
            "nhom kh",
            "nhom",
            "group",
            "groups",
            "customer group",
            "customer groups",
        ),
        about=_CATALOGUE,
    ),
    Field(
        key="source",
        called=(
            *("nguon du lieu", "nguon", "nguon khach hang", "nguon kh", "source", "data source"),
            *("lead source",),
        ),
        about=_CATALOGUE,
    ),
    Field(
        key="project",
        called=("ma du an", "du an", "project", "project code"),
        about=_CATALOGUE,
    ),
    Field(
        key="status",
        called=(
            "trang thai",
            "tinh trang",
            "trang thai ho so",
            "trang thai khach hang",
            "status",
            "profile status",
        ),
        about=_CATALOGUE,
    ),
    Field(
        key="owner",
        called=(
            *("nhan vien phu trach", "nv phu trach", "nguoi phu trach", "phu trach", "nhan vien"),
            *("chu so huu", "nhan vien cham soc", "nguoi cham soc", "nv", "sale", "sales"),
            *("owner", "employee", "employee in charge", "agent", "assigned to", "assignee"),
        ),
        about=N_("Username or full name. Unknown or empty: the customer is unassigned."),
    ),
    Field(
        key="note",
        called=(
            *("ghi chu", "mo ta", "dien giai", "luu y", "noi dung", "chu thich"),
            *("note", "notes", "description", "remark", "remarks", "comment", "comments"),
        ),
        about=_TEXT,
    ),
)
KEYS = frozenset(field.key for field in FIELDS)
