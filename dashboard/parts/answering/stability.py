"""What another seed would have shown of the map and the clusters, in words that stand beside them."""

from data.store.runs import Run


def clusters_between_seeds(run: Run | None) -> str:
    """How alike the clusters of other seeds are; '' where that was not measured."""
    if run is None or run.results.get("ari") is None:
        return ""
    found = run.results
    return (
        f"Clusters of {found['seeds']} seeds: ARI {found['ari']:.2f} (1 is the same), "
        f"{_span(found['clusters_low'], found['clusters_high'])} of them."
    )


def map_between_seeds(run: Run | None) -> str:
    """How much of a cover's surroundings other seeds keep; '' where that was not measured."""
    if run is None or run.results.get("map") is None:
        return ""
    return f"Maps of {run.results['seeds']} seeds: {run.results['map']:.0%} of a cover's nearest on the map stay."


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
