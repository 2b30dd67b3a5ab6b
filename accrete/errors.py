"""The one error a person can act on; its message is the sentence they read."""


class AccreteError(Exception):
    """Something the reader of the message can mend: the message says what happened and what to do next.

    Commands print it without a traceback and exit with `exit_code`. Everything else that is raised is a fault
    of the program and is logged with an id.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
