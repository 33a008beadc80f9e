"""Facts that were added to covers after the import: what tells the collection with them from the one without.

Groups and confounds read the covers' metadata, so what was computed before such facts came is not what it would be now.
"""

import hashlib

from data.store.workspace import Workspace

# The metadata column that says by what a cover's facts were looked up: see data.fetching.enrich.
ENRICHED_BY = "enriched_by"


def read_enriched(workspace: Workspace) -> str:
    """A fingerprint of the metadata of the covers that have such facts, 16 hex digits; '' where none has."""
    with workspace.read() as con:
        (texts,) = con.execute(
            "SELECT string_agg(cover_id || metadata::VARCHAR, chr(10) ORDER BY cover_id) FROM covers "
            "WHERE contains(metadata::VARCHAR, ?)",
            [f'"{ENRICHED_BY}"'],
        ).fetchall()[0]
    return hashlib.sha256(texts.encode()).hexdigest()[:16] if texts else ""
