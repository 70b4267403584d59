"""The table of what can be long work. A room adds a line here, and a function to itself.

The function runs in a child process of its own: `def run(work: Work) -> dict` or the same with
`async def`; see work.py for what it is given. What it returns is kept as the job's result (small,
JSON).
"""

from dataclasses import dataclass

from callcenter.errors import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`run` and `after` are places, "callcenter.room.module:function": rooms are named, not known.

    `resumes`: cut off by a restart it is begun again with `work.attempt` above 1, its numbers and
    its folder as they were, and goes on where it was; otherwise it starts from nothing.
    `memory_mb` limits the child's address space, not what it really uses: 300 go to the libraries.
    `patience_s` is how long a cancelled one may take to tidy up before it is killed.
    `going` is what its owner reads while it runs, beside how far it is ("" for nothing), `done` at
    the end. Their {braces} are filled from the title's values, the counts, {done}, {total} and
    {title}; a number that was never told is 0.
    `link` is where the result is to be seen; {id} is the job's. The function may say better: a
    "link" in its result goes first.
    `then` is the kind that its owner is likely to start next: a process for it is made ready.
    `after` is called in the service, `async def after(app, job)`, when one is over, however it
    went and before anybody is told: to forget what was remembered of changed rows, for example.
    """

    run: str
    resumes: bool = False
    memory_mb: int = 1024
    patience_s: float = 10.0
    going: str = ""
    done: str = N_("{title}: done.")
    link: str = ""
    then: str = ""
    after: str = ""


_IMPORTS = "callcenter.imports."
KINDS: dict[str, Kind] = {
    "export": Kind(
        run="callcenter.exports.work:run",
        done=N_("{title}: ready. Rows: {done}."),
        link="/exports/{id}",
    ),
    "report_file": Kind(
        run="callcenter.report_files.work:run",
        done=N_("{title}: ready. Rows: {done}."),
        link="/reports/files/{id}",
    ),
    "report_mail": Kind(
        run="callcenter.report_files.work:run",
        done=N_("{title}: ready to be sent by email. Rows: {done}."),
        link="/reports/mails",
        after="callcenter.report_mail.postman:job_over",
    ),
    "calls_file": Kind(
        run="callcenter.report_files.calls_work:run",
        done=N_("{title}: ready. Rows: {done}."),
        link="/reports/files/{id}",
    ),
    "recordings_zip": Kind(
        run="callcenter.archive.zip_work:run",
        done=N_("{title}: ready. Recordings: {done}."),
        link="/recordings/zips/{id}",
    ),
    "batch": Kind(
        run="callcenter.bulk.work:run",
        resumes=True,
        done=N_("{title}: done, {changed} changed."),
        link="/customers",
        after="callcenter.bulk.carrying:job_over",
    ),
    "import_check": Kind(
        run=_IMPORTS + "check:check",
        going=N_("{errors} with errors"),
        done=N_("{title}: checked. {accepted} of {total} rows can be imported."),
        then="import_run",
    ),
    "import_run": Kind(
        run=_IMPORTS + "run:run",
        resumes=True,
        patience_s=120.0,  # with "all or nothing" what came in is taken back first
        going=N_("{accepted} imported, {errors} with errors"),
        done=N_("{title}: {accepted} imported, {errors} with errors."),
        after=_IMPORTS + "after:after_run",
    ),
    "import_again": Kind(
        run=_IMPORTS + "run:again",
        done=N_("{title}: {accepted} of {total} rows imported, {errors} still have errors."),
        after=_IMPORTS + "after:after_run",
    ),
    "import_undo": Kind(
        run=_IMPORTS + "undo:undo",
        done=N_("{title}: {removed} removed, {stay} kept because somebody has worked on them."),
        after=_IMPORTS + "after:after_run",
    ),
    "no_call_check": Kind(
        run="callcenter.dialling.national_work:check",
        memory_mb=3072,  # a workbook of a million rows
        going=N_("{bad} not used"),
        done=N_("{title}: checked. {added} would come, {removed} would go."),
    ),
    "no_call_replace": Kind(
        run="callcenter.dialling.national_work:replace",
        resumes=True,
        done=N_("{title}: done. {added} came, {removed} went."),
        link="/switchboard/do-not-call",
    ),
}
UNKNOWN = Kind(run="")  # of a row that another version of the program has left
