"""``cnnviz doctor``: what is there, what is missing and how to get it."""

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.options import command_parser

_EXAMPLES = """\
  cnnviz doctor
  cnnviz doctor --json > report.json"""


def run_command(arguments: list[str], console: Console) -> int:
    """Write the report to stdout; the exit code is 1 where something is missing."""
    parser = command_parser("doctor", "Report versions, devices, screen and folders, and what is missing.", _EXAMPLES)
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")
    options = parser.read(arguments)
    from cnnviz_desktop import doctor

    console.step("looking around …")
    report = doctor.report()
    console.answer(report.to_json() if options.json else report.to_text())
    return 0 if report.fine else 1
