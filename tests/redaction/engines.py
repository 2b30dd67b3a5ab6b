"""The two engines, each made once: every pattern is compiled for it."""

from __future__ import annotations

from accrete.redaction import Redactor

RE2, RE = Redactor("re2"), Redactor("re")
ENGINES = RE2, RE
