"""What can go wrong for a user: every error here is one line that says what is wrong and what to do."""


class GenrescopeError(Exception):
    """A user's mistake or a condition the user can mend; shown as one line, without a traceback."""


class WorkspaceError(GenrescopeError):
    """The workspace is missing, newer than this version, or stayed locked by another process."""


class RunNotFound(GenrescopeError):
    """No finished run of that kind and name; the message names the command that makes one."""


class UnreadableImage(GenrescopeError):
    """A file that is no usable cover; `reason` is one of the words that `audit` lists."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class UnreadableClassifier(GenrescopeError):
    """What is kept of a classifier run is damaged, or of a version that this one cannot read."""


class MissingWeights(GenrescopeError):
    """An encoder's weights are neither on this machine nor to be downloaded."""


class BadVectors(GenrescopeError):
    """Vectors of a wrong length, or with NaN or infinity in them."""
