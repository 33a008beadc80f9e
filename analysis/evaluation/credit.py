"""Credit for any of a cover's genres: what guessing reaches by it. The scores themselves: `scores.score`.

See docs/methods.md.
"""

import numpy as np

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import Chance
from analysis.statistics.ratios import ratio


def any_chance(predictions: Predictions) -> Chance | None:
    """What guessing reaches where any of a cover's genres is right; None where no cover has several.

    majority and balanced: the accuracy and balanced accuracy of the one genre that it is best to say always; shares: of
    saying each genre as often as it is primary. By two genres a cover chance is about twice as high as the strict one.
    """
    if predictions.member is None:
        return None
    own = np.eye(len(predictions.classes))[predictions.truth]
    occurring = own.any(axis=0)
    by_genre = ratio(own.T @ predictions.member, own.sum(axis=0)[:, None])[occurring]
    hits = predictions.member.mean(axis=0)
    return Chance(float(hits.max()), float(hits @ own.mean(axis=0)), float(by_genre.mean(axis=0).max()))
