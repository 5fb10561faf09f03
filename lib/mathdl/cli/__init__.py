"""The command `mathdl`: list, verify, verify-certificate, doctor, lab."""

from __future__ import annotations

import argparse
import sys

EXAMPLES = """examples:
  mathdl list                                  every chapter and how many statements it has
  mathdl list function_spaces                  the statements of one chapter
  mathdl verify                                check every statement, print the table
  mathdl verify function_spaces/theorem-2.3.1  check one
  mathdl verify function_spaces --json out.json
  mathdl verify-certificate optimum.json       check in exact arithmetic that a fit is the best there is
  mathdl doctor                                what is wrong with this installation, and the command that mends it
  mathdl lab                                   open the book in JupyterLab

exit codes: 0 all is well; 1 a statement is not in its expected state, a certificate is refused, or doctor found
something; 2 wrong usage"""


def parser() -> argparse.ArgumentParser:
    """The arguments of every subcommand; each subcommand names the module that runs it."""
    top = argparse.ArgumentParser(prog="mathdl", description=__doc__, epilog=EXAMPLES,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="chapters and their statements")
    listing.add_argument("selection", nargs="?", default="", metavar="SLUG", help="one chapter; all when left out")
    listing.add_argument("--json", action="store_true", help="print JSON instead of a table")
    verify = commands.add_parser("verify", help="check statements and print the table of states")
    verify.add_argument("selection", nargs="?", default="", metavar="SLUG[/ID]", help="a chapter or one statement")
    verify.add_argument("--scale", choices=("laptop", "paper"), default="laptop", help="size of the experiments")
    verify.add_argument("--device", default="auto", help="auto, cpu, cuda, mps: for checks that train")
    verify.add_argument("--json", metavar="FILE", help="also write the table as JSON; - for standard output alone")
    verify.add_argument("--quiet", action="store_true", help="no progress bar")
    certificate = commands.add_parser("verify-certificate", help="check a certificate of optimality without a solver")
    certificate.add_argument("file", metavar="FILE", help="the certificate, a JSON file")
    certificate.add_argument("--data", metavar="CSV", help="also check that it is about these rows x_1, ..., x_n, y")
    doctor = commands.add_parser("doctor", help="find what is wrong here and name the command that mends it")
    doctor.add_argument("--json", action="store_true", help="print JSON instead of a list")
    lab = commands.add_parser("lab", help="open the book in JupyterLab on your own copies of the chapters")
    lab.add_argument("--book", default="my-book", metavar="FOLDER", help="where your copies live (default: my-book)")
    lab.add_argument("--take", action="append", default=[], metavar="CHAPTER",
                     help="take the new version of a chapter; your copy is kept under another name")
    lab.add_argument("--copy-only", action="store_true", help="bring the copies up to date and do not open them")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    lab.add_argument("--port", type=int, default=8888, help="first port to try (default: 8888)")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and return its exit code; a mistake of the user is one line on standard error."""
    chosen = parser().parse_args(arguments)
    from importlib import import_module

    try:
        return import_module(f"mathdl.cli.{chosen.command.replace('-', '_')}").run(chosen)
    except ValueError as mistake:
        print(f"mathdl {chosen.command}: {mistake}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
