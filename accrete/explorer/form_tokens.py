"""The token of a form: what only a page made for this viewer can know."""

from __future__ import annotations

import hashlib
import hmac

from accrete.explorer.view import View


def form_token(view: View, path: str) -> str:
    """What the form that is sent to a path has to carry; '' where the viewer can change nothing."""
    secret = view.viewer.secret
    return hmac.new(secret, b"form:" + path.encode(), hashlib.sha256).hexdigest() if secret else ""


def fits(view: View, given: str) -> bool:
    """Whether a form that came to the path of a view has its token."""
    right = form_token(view, view.path)
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())
