"""config.toml as frozen structs. Read once, at start; a bad file stops the start and says where."""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

ROOT = Path(__file__).resolve().parent.parent


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    listen: str
    certificate: str = ""
    key: str = ""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    url: str = ""


class Asterisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    mode: Literal["embedded", "external"]
    media_address: str
    extensions: str
    desk_extensions: str
    desk_address: str = "127.0.0.1"
    trunk_address: str = "127.0.0.1"
    port: int
    rtp_ports: str
    host: str
    user: str
    secret: str
    trunk: str = "carrier"
    websocket: str
    spool: str
    cel: str = "/var/log/asterisk/cel-custom/cel.csv"


class Recordings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    folder: str
    bitrate: int
    format: Literal["mp3", "opus"] = "mp3"


class Demo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    on: bool


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    timezone: str
    language: Literal["vi", "en"]
    web: Web
    database: Database
    asterisk: Asterisk
    recordings: Recordings
    demo: Demo

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(path: Path) -> Config:
    """The configuration in `path`. Ends the program with a sentence when it is wrong."""
    try:
        raw = _with_environment(tomllib.loads(path.read_text(encoding="utf-8")))
        config = msgspec.convert(raw, Config)
        ZoneInfo(config.timezone)
        if config.web.port < 0 or not config.web.host:
            raise ValueError("web.listen must be HOST:PORT")
        if bool(config.web.certificate) != bool(config.web.key):
            raise ValueError("web.certificate and web.key go together")
        number_range(config.asterisk.extensions)
        number_range(config.asterisk.desk_extensions)
        number_range(config.asterisk.rtp_ports)
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"{path}: {error}") from error
    return config


def number_range(text: str) -> range:
    """ "200-299" as a range, both ends included."""
    first, dash, last = text.partition("-")
    if not (dash and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise ValueError(f'"{text}" is not a range like 200-299')
    return range(int(first), int(last) + 1)


def home() -> Path:
    """Where the state of this installation lies (CALLCENTER_HOME, else var/ beside the program)."""
    return Path(os.environ.get("CALLCENTER_HOME") or ROOT / "var").absolute()


def database_url(config: Config) -> str:
    return config.database.url or f"sqlite+aiosqlite:///{home() / 'callcenter.db'}"


def _with_environment(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_environment(item) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("env:"):
        if value[4:] not in os.environ:
            raise ValueError(f"the environment has no {value[4:]}")
        return os.environ[value[4:]]
    return value
