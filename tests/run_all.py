"""`python -m tests.run_all`: all tests, those with a browser beside the others; what they say comes after the others' words.

Each part in more processes than it has processors: every third moment of a test is spent waiting, for a sandbox, a server, a browser.
"""

import subprocess
import sys
import tempfile

SPREAD = ("--dist", "loadfile", "--no-loadscope-reorder")
BROWSERS = ("-m", "e2e", "tests/e2e", "--numprocesses", "2", *SPREAD)
OTHERS = ("-m", "not e2e", "--ignore", "tests/e2e", "--numprocesses", "3", *SPREAD)


def main() -> int:
    """Run them; 0 when all of them passed, and otherwise what the first of the two parts that failed ended with."""
    command = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryFile() as said:
        browsers = subprocess.Popen([*command, *BROWSERS], stdout=said, stderr=subprocess.STDOUT)
        try:
            others = subprocess.run([*command, *OTHERS], check=False).returncode
            ended = browsers.wait()
        finally:
            if browsers.poll() is None:  # somebody pressed Ctrl-C, which went to both
                browsers.terminate()
                browsers.wait()
            said.seek(0)
            sys.stdout.write(said.read().decode(errors="replace"))
    return others or ended


if __name__ == "__main__":
    sys.exit(main())
