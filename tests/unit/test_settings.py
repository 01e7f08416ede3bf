"""The settings of the API, their rules and their documentation."""

from pathlib import Path

import pytest

from api.settings import LogFormat, ProxyHeader, Settings, described
from domain.failures import Refused

_DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set, and a variable that is set to nothing counts as not set."""
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"CORDGRAPH_PORT": " "}) == Settings()


def test_every_kind_of_value_is_read() -> None:
    """Text, whole numbers, numbers, switches and choices come out in their types."""
    settings = Settings.from_environment(
        {
            "CORDGRAPH_HOST": "0.0.0.0",  # noqa: S104 - it is only read
            "CORDGRAPH_PORT": "0",
            "CORDGRAPH_REQUEST_TIMEOUT_S": "2.5",
            "CORDGRAPH_PREPARED_STATEMENTS": "Off",
            "CORDGRAPH_LOG_FORMAT": "json",
            "CORDGRAPH_REDIS_URL": "rediss://:secret@host/1",
            "CORDGRAPH_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "CORDGRAPH_PROXY_HEADER": "Forwarded",
            "UNRELATED": "x",
        }
    )
    assert settings == Settings(
        host="0.0.0.0",  # noqa: S104 - it is only read
        port=0,
        request_timeout_s=2.5,
        prepared_statements=False,
        log_format=LogFormat.JSON,
        redis_url="rediss://:secret@host/1",
        trusted_proxies="10.0.0.0/8, ::1",
        proxy_header=ProxyHeader.FORWARDED,
    )
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("PORT", "65536", "CORDGRAPH_PORT=65536 is not a whole number from 0 to 65,535."),
        ("PORT", "80.0", "CORDGRAPH_PORT=80.0 is not a whole number from 0 to 65,535."),
        ("POOL_SIZE", "0", "CORDGRAPH_POOL_SIZE=0 is not a whole number from 1 to 1,000."),
        (
            "REQUEST_TIMEOUT_S",
            "nan",
            "CORDGRAPH_REQUEST_TIMEOUT_S=nan is not a number from 0.05 to 600.",
        ),
        (
            "TRUSTED_PROXIES",
            "10.0.0.1/8",
            (
                "CORDGRAPH_TRUSTED_PROXIES=10.0.0.1/8 is not a list of networks like "
                "10.0.0.0/8, 2001:db8::/32."
            ),
        ),
        (
            "REDIS_URL",
            "redes://:secret@host",
            (
                "CORDGRAPH_REDIS_URL=... is not an address like redis://:PASSWORD@HOST:6379/0 "
                "(or rediss, valkey, valkeys, unix)."
            ),
        ),
        (
            "LOG_FORMAT",
            "xml",
            "CORDGRAPH_LOG_FORMAT=xml is not one of auto, console, json.",
        ),
        (
            "PREPARED_STATEMENTS",
            "2",
            "CORDGRAPH_PREPARED_STATEMENTS=2 is not one of on, true, yes, 1, off, false, no, 0.",
        ),
    ],
)
def test_a_bad_value_is_refused_with_variable_value_and_rule(
    variable: str, text: str, message: str
) -> None:
    """The refusal says which variable has which value and what it may have."""
    with pytest.raises(Refused) as refused:
        Settings.from_environment({f"CORDGRAPH_{variable}": text})
    assert refused.value.message == message


def test_every_setting_is_documented() -> None:
    """docs/settings.md has exactly the rows of the settings, in their order."""
    rows = [f"| `{name}` | {default} | {help_text} |" for name, default, help_text in described()]
    lines = _DOCUMENT.read_text(encoding="utf-8").splitlines()
    documented = [line for line in lines if line.startswith("| `CORDGRAPH_")]
    assert documented[: len(rows)] == rows
