"""The settings of an API process: one frozen dataclass, read once from the environment."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from api.public_address import check_public_url
from api.quota.address import Network, parse_networks
from domain.failures import Refused

PREFIX = "CORDGRAPH_"
"""What the environment variable of every setting begins with."""

_WORDS = {"on": True, "true": True, "yes": True, "1": True}
_WORDS |= {"off": False, "false": False, "no": False, "0": False}


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class ProxyHeader(StrEnum):
    """Where trusted proxies write whom they speak for."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


_CONTACT = re.compile(
    r"(?:mailto:[^\s<>\"{}|\\^`@]+@[A-Za-z0-9.-]+|https?://[^\s<>\"{}|\\^`]+)", re.ASCII
)
_REDIS_SCHEMES = ("redis", "rediss", "unix", "valkey", "valkeys")


def _check_networks(text: str) -> None:
    parse_networks(text)


def _check_redis(text: str) -> None:
    address = urlsplit(text)
    if address.scheme not in _REDIS_SCHEMES or not (address.hostname or address.path):
        raise ValueError(text)
    _ = address.port


def _check_contact(text: str) -> None:
    if not _CONTACT.fullmatch(text):
        raise ValueError(text)


def _about(help_text: str, least: float = 0, most: float = math.inf) -> dict[str, Any]:
    """Return the metadata of a setting; ``least`` and ``most`` bound a number, both included."""
    return {"help": help_text, "least": least, "most": most}


def _text(help_text: str, check: Callable[[str], None], rule: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the metadata of a text; ``check`` raises ValueError where ``rule`` is broken."""
    return {"help": help_text, "check": check, "rule": rule, **more}


@dataclass(frozen=True)
class Settings:
    """How one API process listens, waits and logs. Each setting is described in its metadata."""

    host: str = field(default="127.0.0.1", metadata=_about("Address to listen on."))
    port: int = field(
        default=8000, metadata=_about("Port to listen on; 0 takes any free one.", most=65_535)
    )
    workers: int = field(
        default=1,
        metadata=_about(
            "Processes that answer; one for each processor core is enough. Connections and "
            "limits are for each of them.",
            1,
            256,
        ),
    )
    pool_size: int = field(
        default=10, metadata=_about("Most connections to the database as reader.", 1, 1_000)
    )
    prepared_statements: bool = field(
        default=True,
        metadata=_about(
            "Whether to keep prepared statements; off behind a pooler in transaction mode."
        ),
    )
    statement_timeout_ms: int = field(
        default=5_000,
        metadata=_about("Milliseconds that one statement may take in the database.", 1, 600_000),
    )
    request_timeout_s: float = field(
        default=10.0, metadata=_about("Seconds that answering a request may take.", 0.05, 600)
    )
    header_timeout_s: float = field(
        default=10.0,
        metadata=_about("Seconds in which the head of a request must have arrived.", 0.05, 600),
    )
    body_timeout_s: float = field(
        default=10.0,
        metadata=_about("Seconds in which the body of a request must have arrived.", 0.05, 600),
    )
    send_timeout_s: float = field(
        default=60.0,
        metadata=_about(
            "Seconds in which a client must take each megabyte of an answer.", 0.05, 3_600
        ),
    )
    keep_alive_s: int = field(
        default=15,
        metadata=_about("Seconds that a connection stays open without a request.", 1, 600),
    )
    max_connections: int = field(
        default=1_000,
        metadata=_about("Most open connections; file descriptors must suffice.", 1, 100_000),
    )
    max_executing: int = field(
        default=20, metadata=_about("GraphQL requests that are executed at once.", 1, 10_000)
    )
    max_waiting: int = field(
        default=200,
        metadata=_about("GraphQL requests that wait for that; more get 503.", 0, 100_000),
    )
    max_exports: int = field(
        default=20,
        metadata=_about(
            "Exports that are sent at once; more get 503. One client may have a quarter of them.",
            1,
            10_000,
        ),
    )
    kept_answers_mb: int = field(
        default=64,
        metadata=_about(
            "Megabytes of answers that each process keeps ready; 0 keeps none.", most=65_536
        ),
    )
    anonymous_quota: int = field(
        default=60_000,
        metadata=_about(
            "Cost that a client without a key may spend in a minute; 0 is no limit.",
            most=2_000_000_000,
        ),
    )
    max_downloads: int = field(
        default=200,
        metadata=_about(
            "Files that are sent at once; a client may have a quarter of them. Each takes up to a "
            "megabyte of memory.",
            1,
            100_000,
        ),
    )
    files: str = field(
        default="",
        metadata=_about(
            "Where the files of releases are kept: a folder, or s3://bucket/prefix; `files` in the "
            "data folder if none is named."
        ),
    )
    public_url: str = field(
        default="",
        metadata=_text(
            "Address of the service for everybody else; catalogue, feeds and sitemap are made with "
            "it. Without one, what the client calls the service is taken.",
            check_public_url,
            "an address like https://data.example.org or https://example.org/cordgraph",
        ),
    )
    publisher: str = field(
        default="National cord blood sharing platform",
        metadata=_about("Name of the organisation that publishes, in the catalogue and feeds."),
    )
    contact: str = field(
        default="",
        metadata=_text(
            "Where to reach the publisher; without one, the address of the service.",
            _check_contact,
            "an address like mailto:data@example.org or https://example.org/contact",
        ),
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata=_text(
            "Address of a Redis or Valkey where all processes count together what clients spend; "
            "without one each counts for itself.",
            _check_redis,
            "an address like redis://:PASSWORD@HOST:6379/0 (or rediss, valkey, valkeys, unix)",
            secret=True,
        ),
    )
    trusted_proxies: str = field(
        default="",
        metadata=_text(
            "Networks of proxies that are believed whom they speak for, separated by commas.",
            _check_networks,
            "a list of networks like 10.0.0.0/8, 2001:db8::/32",
        ),
    )
    proxy_header: ProxyHeader = field(
        default=ProxyHeader.X_FORWARDED_FOR,
        metadata=_about("Header that the proxies append to: x-forwarded-for or forwarded."),
    )
    shutdown_timeout_s: int = field(
        default=10,
        metadata=_about("Seconds that running requests are given to finish at the end.", 0, 600),
    )
    log_format: LogFormat = field(
        default=LogFormat.AUTO,
        metadata=_about("json, console, or auto: console on a terminal, else json."),
    )

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies."""
        return parse_networks(self.trusted_proxies)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from ``CORDGRAPH_*``; a variable that is empty counts as not set.

        Raises:
            Refused: A value breaks its rule; the message names variable, value and rule.
        """
        given: dict[str, Any] = {
            setting.name: _parsed(setting, text)
            for setting in fields(cls)
            if (text := environ.get(variable(setting), "").strip())
        }
        return cls(**given)


def variable(setting: "Field[Any]") -> str:
    """Return the environment variable of ``setting``."""
    return PREFIX + setting.name.upper()


def described() -> Iterator[tuple[str, str, str]]:
    """Yield (environment variable, default, help text) of every setting, in order."""
    for setting in fields(Settings):
        yield variable(setting), _shown(setting.default), setting.metadata["help"]


def _parsed(setting: "Field[Any]", text: str) -> object:
    default = setting.default
    if isinstance(default, bool):
        return _choice(setting, text, _WORDS)
    if isinstance(default, StrEnum):
        return _choice(setting, text, {str(member): member for member in type(default)})
    if isinstance(default, int | float):
        return _number(setting, text, type(default))
    return _checked(setting, text)


def _checked(setting: "Field[Any]", text: str) -> str:
    check = setting.metadata.get("check")
    if check is not None:
        try:
            check(text)
        except ValueError:
            raise _refused(setting, text, setting.metadata["rule"]) from None
    return text


def _choice(setting: "Field[Any]", text: str, choices: Mapping[str, object]) -> object:
    try:
        return choices[text.lower()]
    except KeyError:
        raise _refused(setting, text, f"one of {', '.join(choices)}") from None


def _number(setting: "Field[Any]", text: str, kind: type[int | float]) -> float:
    least, most = setting.metadata["least"], setting.metadata["most"]
    word = "a whole number" if kind is int else "a number"
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise _refused(setting, text, f"{word} from {least:,} to {most:,}")
    return value


def _refused(setting: "Field[Any]", text: str, rule: str) -> Refused:
    shown = "..." if setting.metadata.get("secret") else text[:60]
    return Refused(
        f"{variable(setting)}={shown} is not {rule}.",
        f"{setting.metadata['help']} Default: {_shown(setting.default)}.",
    )


def _shown(value: object) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value) or "none"
