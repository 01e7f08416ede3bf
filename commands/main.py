"""The entry point: `cordgraph COMMAND`."""

import click

from commands.approval import approve_scheme
from commands.approver import approver_commands
from commands.audit import audit
from commands.bank import bank_commands
from commands.compat import compat
from commands.demo import demo
from commands.differences import differences
from commands.hla import hla_commands
from commands.ide import ide_commands
from commands.intake import intake
from commands.key import key_commands
from commands.manual import manual
from commands.migrate import migrate
from commands.mirror import mirror_command
from commands.reference import reference_commands
from commands.release import release_commands
from commands.schema import schema_commands
from commands.scheme import scheme_commands
from commands.serve import serve_command
from commands.shell import Shell
from commands.synth import synth
from commands.verify import verify


@click.group(
    cls=Shell,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="cordgraph")
def main() -> None:
    """Publish and serve open data on stored cord blood.

    \b
    Example:
      cordgraph demo
    """


scheme_commands.add_command(approve_scheme)
bank_commands.add_command(differences)

for command in (
    approver_commands,
    audit,
    bank_commands,
    compat,
    demo,
    hla_commands,
    ide_commands,
    intake,
    key_commands,
    manual,
    migrate,
    mirror_command,
    reference_commands,
    release_commands,
    schema_commands,
    scheme_commands,
    serve_command,
    synth,
    verify,
):
    main.add_command(command)
