"""Pages that the program writes are those in the tree; the manual pages are well formed; the completion knows every command."""
import re
import shutil
import subprocess

import pytest

from rig.connectd import ROOT, binary


def run(*arguments):
    done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


@pytest.mark.parametrize("option,page", [("--markdown", "docs/configuration.md"), ("--man", "docs/man/connectd.properties.5")])
def test_the_reference_is_up_to_date(option, page):
    status, text = run("keys", option)
    assert status == 0
    assert text == (ROOT / page).read_text(), f"{page} is out of date: make docs"


@pytest.mark.parametrize("page", ["connectd.1", "connectd.properties.5"])
def test_a_manual_page_has_no_warnings(page):
    if shutil.which("man") is None:
        pytest.skip("man (Debian package man-db) is not installed")
    done = subprocess.run(["man", "-l", "--warnings", "-Tutf8", ROOT / "docs" / "man" / page], capture_output=True, text=True,
                          timeout=60, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
    assert (done.returncode, done.stderr) == (0, "")


def commands():
    return re.findall(r"^  connectd (\w+)", run("help")[1], re.M)


@pytest.mark.parametrize("place", ["docs/man/connectd.1", "packaging/completion/connectd"])
def test_every_command_is_in_the_manual_and_in_the_completion(place):
    text = (ROOT / place).read_text()
    assert [c for c in commands() if c != "help" and not re.search(rf"\b{c}\b", text)] == []


def test_the_packages_have_the_version_of_the_program():
    version = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.M)[1]
    assert (ROOT / "packaging" / "debian" / "changelog").read_text().startswith(f"connectd ({version}) ")
    assert run("version")[1].startswith(f"connectd {version} ")


def test_every_command_explains_itself():
    for command in commands():
        status, text = run(command, "--help")
        assert status in (0, 1) and text.startswith(("usage: connectd", "connectd:")), command


def test_the_completion_completes():
    script = f"""
        source {ROOT / 'packaging/completion/connectd'}
        COMP_WORDS=(connectd doc) COMP_CWORD=1; _connectd; echo "${{COMPREPLY[@]}}"
        COMP_WORDS=(connectd doctor --j) COMP_CWORD=2; _connectd; echo "${{COMPREPLY[@]}}"
        cd {ROOT / 'config/samples'}
        COMP_WORDS=(connectd standalone counter) COMP_CWORD=2; _connectd; echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "doctor\n--json\ncounter.properties\n", done.stderr
