"""Keys that raise a client's quota: ``cgk_`` and 43 characters of which only the hash is kept."""

import hashlib
import re
import secrets

_RANDOM_BYTES = 32
_KEY = re.compile(r"cgk_[A-Za-z0-9_-]{43}", re.ASCII)


def new_api_key() -> str:
    """Return a new key with 256 random bits."""
    return f"cgk_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def is_api_key(text: str) -> bool:
    """Tell whether ``text`` has the form of a key."""
    return _KEY.fullmatch(text) is not None


def api_key_sha256(key: str) -> str:
    """Return what is stored of ``key``; it is random, so that no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()
