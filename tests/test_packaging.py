"""The two commands meet a machine where something is missing, and say in one sentence what to do.

The scripts run for real, with stand-ins for the programs that would change the machine (apt-get, sudo, df).
"""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = (ROOT / "packaging/environment.sh", ROOT / "packaging/start.sh", ROOT / "packaging/test.sh", ROOT / ".ci/run")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the scripts are for Debian and Ubuntu")


class Machine:
    """A checkout with the scripts alone, a home, and a folder of stand-in programs that comes first in the path."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "programs"
        self.environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}
        shutil.copytree(ROOT / "packaging", self.checkout / "packaging")
        (self.checkout / "resources").mkdir()
        shutil.copy(ROOT / "resources/qt_libraries.txt", self.checkout / "resources")
        self.programs.mkdir()

    def program(self, name: str, script: str) -> None:
        """Put a stand-in program in the path."""
        path = self.programs / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script after packaging/environment.sh was read."""
        command = ["bash", "-c", f'source "{self.checkout}/packaging/environment.sh"\n{script}']
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A machine with no Qt library, whose apt-get writes down what it is asked for."""
    machine.program("ldconfig", "exit 0")
    machine.program("fc-list", "echo DejaVu Sans")
    machine.program("uv", "echo uv 9.9.9")
    machine.program("id", "echo 0")
    machine.program("apt-get", f'echo "$@" >>{machine.programs}/asked')
    return machine


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_that_the_scripts_are_sound(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    shellcheck = shutil.which("shellcheck")
    if shellcheck:
        subprocess.run([shellcheck, "-x", str(script)], check=True, cwd=ROOT)


def test_that_a_bare_machine_gets_every_library_in_one_installation(bare: Machine) -> None:
    answer = bare.run("install_system_packages cnnviz-no-such-program=xvfb")
    assert answer.returncode == 0, answer.stderr
    update, install = (bare.programs / "asked").read_text().splitlines()
    assert update.startswith("update")
    listed = (ROOT / "resources/qt_libraries.txt").read_text().splitlines()
    wanted = [line.split()[1] for line in listed if not line.startswith("#")]
    assert install.split()[-len(wanted) - 1 :] == [*wanted, "xvfb"]


def test_that_a_machine_with_every_library_is_left_alone(bare: Machine) -> None:
    lines = (ROOT / "resources/qt_libraries.txt").read_text().splitlines()
    libraries = "\n".join(f"\t{line.split()[0]} (libc6,x86-64) => /lib/x" for line in lines if not line.startswith("#"))
    (bare.programs / "libraries").write_text(libraries)
    bare.program("ldconfig", f"cat {bare.programs}/libraries")
    answer = bare.run("install_system_packages bash=bash")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert not (bare.programs / "asked").exists()


def test_that_without_root_and_sudo_the_one_apt_line_is_told(bare: Machine) -> None:
    bare.program("id", "echo 1000")
    bare.program("sudo", "exit 1")
    answer = bare.run("install_system_packages")
    assert answer.returncode == 1
    (sentence,) = answer.stderr.splitlines()
    assert "start again: sudo apt-get install -y libegl1 " in sentence
    assert not (bare.programs / "asked").exists()


def test_that_a_font_alone_is_worth_a_word_but_no_password(bare: Machine) -> None:
    bare.program("id", "echo 1000")
    bare.program("fc-list", "[[ $1 == :lang=zh ]] || echo DejaVu Sans")
    answer = bare.run("missing_qt_packages() { :; }; install_system_packages")
    assert answer.returncode == 0
    assert answer.stdout.endswith("sudo apt-get install -y fonts-wqy-microhei\n")


def test_that_an_apt_get_that_fails_is_quoted(bare: Machine) -> None:
    bare.program("apt-get", "echo E: Temporary failure resolving deb.debian.org >&2; exit 100")
    answer = bare.run("install_system_packages")
    assert answer.returncode == 1
    assert answer.stderr.startswith("E: Temporary failure resolving")
    assert "Stopped: apt-get could not install" in answer.stderr


def test_that_a_machine_with_neither_uv_nor_a_python_that_could_fetch_it_gets_a_python(bare: Machine) -> None:
    bare.program("uv", "echo uv 0.4.30")
    bare.program("python3", "exit 127")
    answer = bare.run("install_system_packages")
    assert answer.returncode == 0, answer.stderr
    assert "python3 python3-venv" in (bare.programs / "asked").read_text()


@pytest.mark.parametrize(("version", "recent"), [("0.8.0", 0), ("0.13.8", 0), ("1.0.0", 0), ("0.7.22", 1), ("", 1)])
def test_that_only_a_uv_that_reads_the_lock_file_is_taken(machine: Machine, version: str, recent: int) -> None:
    machine.program("uv", f"echo uv {version} x86_64-unknown-linux-gnu" if version else "exit 1")
    assert machine.run("uv_is_recent uv").returncode == recent


def test_that_a_home_that_takes_nothing_is_replaced_by_a_folder_that_git_does_not_see(machine: Machine) -> None:
    machine.environment["HOME"] = "/dev/null/home"
    answer = machine.run('use_a_writable_home; echo "$HOME"; echo "$XDG_CACHE_HOME"')
    assert answer.returncode == 0, answer.stderr
    sentence, home, cache = answer.stdout.splitlines()
    assert "cannot be written to" in sentence
    assert Path(home) == machine.checkout / ".tools/home"
    assert Path(cache).is_relative_to(home)
    assert (machine.checkout / ".tools/.gitignore").read_text() == "*\n"


def test_that_a_home_that_takes_files_is_kept(machine: Machine) -> None:
    answer = machine.run('use_a_writable_home; echo "$HOME"')
    assert answer.stdout.strip() == machine.environment["HOME"]
    left = [path for path in Path(machine.environment["HOME"]).rglob("*") if path.is_file()]
    assert left == []


def test_that_a_disk_without_room_is_told_before_anything_is_fetched(machine: Machine) -> None:
    machine.program(
        "df", "printf 'Filesystem 1024-blocks Used Available Use%% Mounted\\n/dev/x 9000000 0 3200000 1%% /\\n'"
    )
    answer = machine.run('ask_for_space "$root"')
    assert answer.returncode == 1
    assert "has 3 GB free" in answer.stderr


def test_that_no_python_is_told_with_where_to_get_one(machine: Machine) -> None:
    machine.program("python3", "echo Python 3.9.2")
    machine.program("uv", "exit 2")
    answer = machine.run("uv=uv; find_python")
    assert answer.returncode == 1
    assert "Python 3.11 or newer" in answer.stderr
    assert "python3 is 3.9.2" in answer.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("error: failed to write to file: No space left on device (os error 28)", "the disk is full"),
        ("error: failed to open file `x`: Permission denied (os error 13)", "could not be written"),
        ("cause: invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("  cause: client error (Connect)\n  cause: dns error", "could not be reached"),
        ("error: something else", "its own words stand above"),
    ],
)
def test_that_a_failure_of_uv_is_explained(machine: Machine, words: str, sentence: str) -> None:
    log = machine.checkout / "log"
    log.write_text(words)
    answer = machine.run(f'log="{log}"; explain_failure')
    assert answer.returncode == 1
    assert answer.stderr.startswith("Stopped: ")
    assert sentence in answer.stderr


class TestMakingTheEnvironment:
    """install_environment with a stand-in for uv that works for a while, and a disk that fills by 100 MB a look."""

    @pytest.fixture
    def slow(self, machine: Machine, tmp_path: Path) -> Machine:
        (tmp_path / "logs").mkdir()
        machine.environment["TMPDIR"] = str(tmp_path / "logs")
        machine.program(
            "df",
            f"echo x >>{tmp_path}/looks\n"
            f"echo Filesystem; echo /dev/x 0 $((100000 * $(wc -l <{tmp_path}/looks))) 90000000 1% /",
        )
        return machine

    def uv(self, machine: Machine, work: str) -> None:
        machine.program(
            "uv",
            'case "$*" in --version) echo uv 9.9.9 ;; *--check*) exit 1 ;; "cache dir") echo "$HOME/uv" ;;\n'
            f"sync*) {work} ;; esac",
        )

    def test_that_the_time_and_the_size_of_a_long_download_are_told(self, slow: Machine, tmp_path: Path) -> None:
        self.uv(slow, "echo Resolved 90 packages; sleep 2.5; echo ' + torch==2'; echo Installed 90 packages")
        answer = slow.run("progress_every=1; install_environment; echo then")
        assert answer.returncode == 0, answer.stderr
        first, resolved, *told, installed, then = answer.stdout.splitlines()
        assert "some 3 GB are fetched" in first
        assert (resolved, installed, then) == ("Resolved 90 packages", "Installed 90 packages", "then")
        assert told
        for number, line in enumerate(told, start=1):
            assert line == f"· {number} s, {100 * number} MB written so far"
        assert not list((tmp_path / "logs").iterdir())

    def test_that_a_failure_leaves_no_log_behind(self, slow: Machine, tmp_path: Path) -> None:
        self.uv(slow, "echo error: dns error; exit 2")
        answer = slow.run("install_environment; echo then")
        assert answer.returncode == 1
        assert "dns error" in answer.stdout
        assert "could not be reached" in answer.stderr
        assert "then" not in answer.stdout.split()
        assert not list((tmp_path / "logs").iterdir())


class TestAMachineThatIsReady:
    """start.sh with a complete environment; the program is a stand-in that writes down its arguments."""

    @pytest.fixture
    def ready(self, bare: Machine) -> Machine:
        bare.program("apt-get", "exit 0")
        bin_folder = bare.checkout / ".venv/bin"
        bin_folder.mkdir(parents=True)
        (bin_folder / "cnnviz").write_text('#!/bin/bash\necho "cnnviz $*"\n')
        (bin_folder / "cnnviz").chmod(0o755)
        self.screen(bare, "")
        return bare

    def screen(self, machine: Machine, problem: str) -> None:
        python = machine.checkout / ".venv/bin/python"
        python.write_text(f"#!/bin/bash\necho '{problem}'\n")
        python.chmod(0o755)

    def start(self, machine: Machine, *arguments: str) -> list[str]:
        command = ["bash", str(machine.checkout / "packaging/start.sh"), *arguments]
        environment = machine.environment
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return [line for line in answer.stdout.splitlines() if "Installing" not in line]

    def test_that_the_window_opens_without_further_words(self, ready: Machine) -> None:
        assert self.start(ready) == ["cnnviz "]

    def test_that_arguments_reach_the_program(self, ready: Machine) -> None:
        assert self.start(ready, "my dog.png", "--network", "sample") == ["cnnviz my dog.png --network sample"]

    def test_that_without_a_screen_the_figure_set_is_written(self, ready: Machine) -> None:
        self.screen(ready, "There is no screen here.")
        problem, announcement, program = self.start(ready)
        assert problem == "· There is no screen here."
        assert str(ready.checkout / "build/demo") in announcement
        assert program == f"cnnviz demo --output {ready.checkout}/build/demo"


@pytest.mark.parametrize("there", [True, False])
def test_that_continuous_integration_names_the_real_data_only_where_they_are(tmp_path: Path, there: bool) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "packaging").mkdir(parents=True)
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    (checkout / "packaging/test.sh").write_text('echo "${CNNVIZ_REAL_DATA-none}"\n')
    if there:
        (tmp_path / "shared/real").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "CNNVIZ_REAL_DATA"}
    answer = subprocess.run(
        ["bash", str(checkout / ".ci/run")], env=environment, capture_output=True, text=True, check=True, cwd="/"
    )
    assert answer.stdout.strip() == (str(tmp_path / "shared/real") if there else "none")
