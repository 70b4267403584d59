"""The words of the command line. Each imports what it needs, so that `--help` is quick."""

import argparse
import asyncio
import sys
from pathlib import Path

from callcenter.config import ROOT, Config, load


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return int(arguments.word(arguments))
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callcenter", description="A call center around Asterisk."
    )
    parser.add_argument(
        "--config", type=Path, default=ROOT / "config.toml", help="default: config.toml"
    )
    words = parser.add_subparsers(required=True, metavar="WORD")

    def word(name: str, what: str, does: object) -> argparse.ArgumentParser:
        added = words.add_parser(name, help=what, description=what)
        added.set_defaults(word=does)
        return added

    word("run", "Run the service: exchange, carrier of the demo, pages.", _run)
    init = word("init", "Make an empty company with one superadmin.", _init)
    init.add_argument("company", help="the company's name")
    init.add_argument("username", help="the superadmin's user name")
    init.add_argument("--name", default="", help="the superadmin's full name")
    init.add_argument("--number", default="", help="the number customers call")
    password = word(
        "password", "Give a user a new password and sign them out everywhere.", _password
    )
    password.add_argument("username")
    simulate = "Let somebody ring in at the demo company, or make it larger."
    _options_of_simulate(word("simulate", simulate, _simulate))
    selftest = word(
        "selftest", "Place real calls and check that everything about them is kept.", _selftest
    )
    selftest.add_argument("--json", action="store_true", help="for programs")
    word("doctor", "Say what is wrong and how to mend it.", _doctor)
    dialplan = word("dialplan", "Write the files an existing exchange should include.", _dialplan)
    dialplan.add_argument("--out", type=Path, required=True, metavar="DIR")
    word("migrate", "Bring the database to this version.", _migrate)
    replay = word("replay", "Read a transcript of AMI and print what became of its calls.", _replay)
    replay.add_argument("file", type=Path)
    reports = word("reports", "Look after the reports' sums.", _reports)
    reports.add_argument("what", choices=["rebuild"], help="rebuild: sum all calls again")
    token = word("token", "Make a token for a program, speaking for a user.", _token)
    token.add_argument("username")
    token.add_argument("--name", default="program", help="what the token is for")
    token.add_argument("--days", type=int, default=365, help="how long it is good (default 365)")
    return parser


def _options_of_simulate(simulate: argparse.ArgumentParser) -> None:
    simulate.add_argument(
        "--number", default="", help="the caller's number; default: a known customer"
    )
    simulate.add_argument("--name", default="", help="the name the carrier sends along")
    simulate.add_argument("--to", default="", help="the number of ours that is called")
    simulate.add_argument(
        "--then",
        default="talks",
        choices=["talks", "tone", "silent", "short", "keys"],
        help="what the caller does once answered (default talks)",
    )
    simulate.add_argument("--withheld", action="store_true", help="the caller hides their number")
    simulate.add_argument(
        "--customers", type=int, metavar="N", help="add N believable customers instead"
    )


def _config(arguments: argparse.Namespace) -> Config:
    return load(arguments.config)


def _run(arguments: argparse.Namespace) -> int:
    from callcenter.serve import serve

    return serve(_config(arguments))


def _init(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.init(_config(arguments), arguments))


def _password(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.new_password(_config(arguments), arguments.username))


def _token(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.token(_config(arguments), arguments))


def _migrate(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.migrate_database(_config(arguments)))


def _reports(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.rebuild_reports(_config(arguments)))


def _dialplan(arguments: argparse.Namespace) -> int:
    from callcenter import admin

    return admin.carry_out(admin.write_dialplan(_config(arguments), arguments.out))


def _simulate(arguments: argparse.Namespace) -> int:
    from callcenter import admin
    from callcenter.carrier.demo import simulate

    if arguments.customers is not None:
        return admin.carry_out(admin.more_customers(_config(arguments), arguments.customers))
    return admin.carry_out(simulate(_config(arguments), arguments))


def _selftest(arguments: argparse.Namespace) -> int:
    from callcenter.carrier import selftest

    return selftest.main(as_json=arguments.json)


def _doctor(arguments: argparse.Namespace) -> int:
    from callcenter import doctor

    return asyncio.run(doctor.main(_config(arguments)))


def _replay(arguments: argparse.Namespace) -> int:
    from callcenter.asterisk import replay

    return replay.main(arguments.file)


if __name__ == "__main__":
    sys.exit(main())
