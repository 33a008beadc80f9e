"""What can go wrong for a user: every error here is one line that says what is wrong and what to do."""

import errno


class GenrescopeError(Exception):
    """A user's mistake or a condition the user can mend; shown as one line, without a traceback."""


class WorkspaceError(GenrescopeError):
    """The workspace is missing, newer than this version, or stayed locked by another process."""


class RunNotFound(GenrescopeError):
    """No finished run of that kind and name; the message names the command that makes one."""


class TooLittle(GenrescopeError):
    """The covers are too few, or too much alike, for what was asked; what does not need more can go on without it."""


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


# What to do where the system refuses, by its error number.
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "make room on its disk"),
    errno.EFBIG: "files may not grow so large here, raise that limit (ulimit -f)",
    errno.EROFS: "it may only be read, so work on a copy of the folder",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "mend its permissions"),
    errno.EIO: "its disk is faulty, put the files on another one",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "too many files are open, raise that limit (ulimit -n)"),
    errno.ENAMETOOLONG: "choose a shorter name",
}


def refused(error: OSError) -> str:
    """What the system refused, in one line with what to do; '' where that is not known, and may be our own mistake."""
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        return ""
    what = f"cannot use {error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    return f"{what}: {remedy}, then give the same command again; what was stored before is kept"
