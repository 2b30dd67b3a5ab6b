"""Web addresses: the form by which two are compared."""

from __future__ import annotations

import re


def same_address(url: str) -> str:
    """The address in the form by which two are compared: no scheme, no letter case in the host, no
    slash at the end."""
    return re.sub(r"^https?://([^/]+)", lambda m: m.group(1).lower(), url).rstrip("/")
