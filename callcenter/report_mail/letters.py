"""What a letter says, and what it carries."""

from dataclasses import dataclass
from email.message import EmailMessage

from callcenter.errors import N_
from callcenter.mail.letter import letter as letter_to
from callcenter.mail.letter import one_line
from callcenter.mail.server import MailServer, is_address
from callcenter.pages.templates import Templates
from callcenter.report_files.forms import Form
from callcenter.report_mail.models import ReportCopy, ReportLetter


@dataclass(frozen=True, slots=True)
class About:
    """Everything in words, in the language spoken now. `view` and `owner` are people's words,
    `reply_to` is the owner's address or ""."""

    title: str
    view: str
    period: str
    rhythm: str
    owner: str
    reply_to: str


def written(
    server: MailServer,
    templates: Templates,
    letter: ReportLetter,
    copy: ReportCopy,
    about: About,
    form: Form,
    file: bytes,
) -> EmailMessage:
    say, company = templates.words.say, templates.company or server.sender_name or server.sender
    subject = f"{company}: {about.title} – {about.view} ({about.period})"
    message = letter_to(
        server,
        copy.address,
        subject,
        letter.created_at,
        mark(letter, copy),
        copy.name,
        (about.owner, about.reply_to) if is_address(about.reply_to) else None,
    )
    heading = one_line(f"{about.title} – {about.view}")
    file_name = one_line(letter.file_name).replace("/", "-")
    period = f"{say(N_('Period'))}: {about.period}"
    attached = say(N_("The report is in the attached file: {file}"), file=file_name)
    foot = say(
        N_(
            "{company} sends this report {rhythm}. {owner} has set that up, and it shows what"
            " {owner} may see. Whoever no longer wants it tells {owner}."
        ),
        company=company,
        rhythm=about.rhythm,
        owner=about.owner,
    )
    message.set_content(f"{heading}\n{period}\n\n{attached}\n\n-- \n{foot}\n")
    values = {"heading": heading, "period": period, "attached": attached, "foot": foot}
    html = templates.html("report_mail/letter.html", values)
    message.add_alternative(html, subtype="html")
    media, _, letters = form.media_type.partition("; charset=")
    kind, _, sort = media.partition("/")
    params = {"charset": letters} if letters else None
    message.add_attachment(file, maintype=kind, subtype=sort, filename=file_name, params=params)
    return message


def mark(letter: ReportLetter, copy: ReportCopy) -> str:
    """The same for each attempt, and another one in a database that is begun anew."""
    return f"report.{letter.id}.{copy.id}.{letter.created_at:%Y%m%d%H%M%S%f}"
