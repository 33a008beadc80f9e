"""Which genres are measured in pairs: all of some, and of very many those with the most groups. See docs/methods.md."""

import numpy as np

# Pairs grow with the square of the genres: of 200 there are 19,900, of 1,000 half a million.
PAIRED = 200


def paired(group_counts: np.ndarray) -> np.ndarray:
    """Codes, ascending, of the genres that are measured in pairs, of genres with so many groups (c,).

    All up to PAIRED genres; of more those with the most groups, of equally many the first by name: a choice that knows
    nothing of how alike genres look, so that it biases no value and no interval.
    """
    order = np.argsort(-group_counts, kind="stable")[:PAIRED]
    return np.sort(order)
