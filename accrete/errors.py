"""The error a person can act on; its message is the sentence they read."""

import os


class AccreteError(Exception):
    """Something the reader of the message can mend: the message says what happened and what to do
    next.

    Commands print it without a traceback and exit with `exit_code`. Everything else that is raised
    is a fault of the program and is logged with an id.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class NoRecordError(AccreteError):
    """Nothing was read into the data folder yet; or the first ingest is only just making the
    record."""


class RecordError(AccreteError):
    """The database cannot be read or written now: locked, full, damaged or closed to this user."""


class SlowError(AccreteError):
    """A question takes longer than anybody may keep the record open."""


class OldRecordError(AccreteError):
    """The record is of an older version: it has to be brought up to date before it is read."""


class NewerRecordError(AccreteError):
    """The record is of a newer version than this program."""


def place_of(error: BaseException) -> str:
    """The kind of an error and where it came from, `ValueError at shell.py:12`: no word of what it
    was about."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return type(error).__name__ + (
        f" at {os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno}" if at else ""
    )
