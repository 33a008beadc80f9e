"""How much of what stands on a cover was not read."""

import numpy as np


def misread(truth: str, read: str) -> float:
    """The character error rate of a known text somewhere in what was read: 0 right, 1 nothing of it is there.

    The least edit distance (Levenshtein) of `truth` to any part of `read`, over the letters and digits of `truth`,
    without case, spaces and signs (Sellers, Journal of Algorithms 1, 1980).
    """
    wanted, found = (np.array([ord(sign) for sign in text.casefold() if sign.isalnum()]) for text in (truth, read))
    row = np.zeros(len(found) + 1)
    for count, sign in enumerate(wanted, start=1):
        new = np.minimum(row[1:] + 1, row[:-1] + (found != sign))
        places = np.arange(len(new) + 1)
        row = np.minimum.accumulate(np.concatenate([[count], new]) - places) + places
    return float(row.min()) / max(len(wanted), 1)
