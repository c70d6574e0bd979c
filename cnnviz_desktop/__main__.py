"""``python -m cnnviz_desktop``, and the command ``cnnviz``."""

import sys


def main() -> int:
    """Run the command line that the process was started with, and return its exit code."""
    try:
        from cnnviz_desktop import cli

        return cli.main(sys.argv[1:])
    except KeyboardInterrupt:  # also while modules are imported
        sys.stderr.write("cnnviz: stopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
