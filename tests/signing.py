"""People with keys of minisign, for tests of approvals."""

import minisign  # type: ignore[import-untyped]

from database.pool import Connection
from publishing.approvals import Kind, approval_text, approve
from publishing.approvers import add_approver


class Person:
    """Somebody with a pair of keys made for the test."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._pair = minisign.KeyPair.generate()

    @property
    def public_key(self) -> bytes:
        """Content of the ``.pub`` file."""
        return bytes(self._pair.public_key) + b"\n"

    @property
    def secret_key(self) -> bytes:
        """Content of the file of the secret key, without a password."""
        return bytes(self._pair.secret_key) + b"\n"

    def encrypted_key(self, password: str) -> bytes:
        """Return the content of a file of the secret key that ``password`` opens."""
        key = minisign.SecretKey.from_bytes(self.secret_key)
        key.encrypt(password, opslimit=32_768, memlimit=1 << 20)
        return bytes(key) + b"\n"

    def sign(self, kind: Kind, digest: str) -> bytes:
        """Return the content of the ``.minisig`` file of an approval."""
        return self.sign_text(approval_text(kind, digest))

    def sign_text(self, message: bytes) -> bytes:
        """Return the content of the ``.minisig`` file of any message."""
        return bytes(self._pair.secret_key.sign(message, trusted_comment="for a test")) + b"\n"


async def two_approvers(connection: Connection) -> tuple[Person, Person]:
    """Let two people approve."""
    people = Person("Steward"), Person("Privacy officer")
    for person in people:
        await add_approver(connection, person.name, person.public_key)
    return people


async def approve_by_all(
    connection: Connection, people: tuple[Person, ...], kind: Kind, digest: str
) -> None:
    """Record an approval by each of ``people``."""
    for person in people:
        await approve(connection, kind, digest, person.name, person.sign(kind, digest))
