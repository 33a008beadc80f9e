"""The tables of a workspace, as numbered migrations: number N brings a file from version N - 1 to N."""

import duckdb

from data.errors import WorkspaceError

COVERS_AND_RUNS = """
CREATE TABLE covers (               -- one row a file
    cover_id INTEGER PRIMARY KEY,   -- 0, 1, 2, ... in order of import; never reused
    path VARCHAR UNIQUE NOT NULL,   -- absolute; originals are never moved or changed
    sha256 VARCHAR NOT NULL,        -- of the file's bytes: equal means exact duplicate
    phash VARCHAR,                  -- 256-bit perceptual hash in hex; NULL for an image of one flat colour
    bytes BIGINT NOT NULL,
    width INTEGER NOT NULL,         -- in pixels, after EXIF rotation
    height INTEGER NOT NULL,
    mode VARCHAR NOT NULL,          -- Pillow's: RGB, CMYK, P, L, ...
    format VARCHAR NOT NULL,        -- Pillow's: JPEG, PNG, ...; what the bytes are, not what the name says
    genre VARCHAR NOT NULL,         -- the primary genre: the label everything is measured against
    genres VARCHAR[] NOT NULL,      -- all of them, the primary one first
    metadata JSON NOT NULL,         -- whatever else came along: title, artist, year, label, source, side, ...
    imported TIMESTAMP NOT NULL
);
CREATE TABLE rejected (             -- files left out of the collection, and why
    path VARCHAR PRIMARY KEY,
    genre VARCHAR,
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);
CREATE TABLE runs (                 -- everything computed belongs to one
    run_id VARCHAR PRIMARY KEY,     -- a hash of kind, name, parameters, seed and inputs: the same run is found again
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,          -- encoder, classifier or split; '' where the kind says it all
    params JSON NOT NULL,
    seed BIGINT,
    inputs VARCHAR[] NOT NULL,      -- run ids
    code_version VARCHAR NOT NULL,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP,             -- NULL: unfinished, resumed by the next call
    results JSON NOT NULL           -- small facts about the outcome: dimension, classes, counts, timings
);
"""

RESULTS_OF_RUNS = """
CREATE TABLE duplicates (run_id VARCHAR, cover_id INTEGER, exact_group INTEGER, near_group INTEGER,
    PRIMARY KEY (run_id, cover_id));             -- a group is named by its smallest cover_id
CREATE TABLE splits (run_id VARCHAR, cover_id INTEGER, side VARCHAR,
    PRIMARY KEY (run_id, cover_id));             -- side: train or test
CREATE TABLE vectors (run_id VARCHAR, cover_id INTEGER, vector FLOAT[] NOT NULL,
    PRIMARY KEY (run_id, cover_id));             -- of embeddings, one a cover
CREATE TABLE left_out (run_id VARCHAR, cover_id INTEGER, reason VARCHAR NOT NULL,
    PRIMARY KEY (run_id, cover_id));             -- covers an embedding could not read
CREATE TABLE neighbors (run_id VARCHAR, cover_id INTEGER, neighbor_ids INTEGER[] NOT NULL,
    similarities FLOAT[] NOT NULL, PRIMARY KEY (run_id, cover_id));   -- nearest first, cosine
CREATE TABLE projections (run_id VARCHAR, cover_id INTEGER, x FLOAT, y FLOAT, trustworthiness FLOAT,
    continuity FLOAT, PRIMARY KEY (run_id, cover_id));       -- maps, and how far each point can be trusted
CREATE TABLE clusters (run_id VARCHAR, cover_id INTEGER, cluster INTEGER, membership FLOAT,
    PRIMARY KEY (run_id, cover_id));             -- cluster -1 is noise
CREATE TABLE metrics (run_id VARCHAR, metric VARCHAR, genre VARCHAR, other_genre VARCHAR, value DOUBLE,
    low DOUBLE, high DOUBLE, p_value DOUBLE, p_adjusted DOUBLE);      -- genre NULL: over all; NULL: not measured
CREATE TABLE predictions (run_id VARCHAR, cover_id INTEGER, predicted VARCHAR, probabilities FLOAT[] NOT NULL,
    PRIMARY KEY (run_id, cover_id));             -- in the order of the run's results.classes
"""

GROUPS_FOLDS_RANKS = """
CREATE TABLE groups (run_id VARCHAR, cover_id INTEGER, group_id INTEGER,
    PRIMARY KEY (run_id, cover_id));             -- a group is named by its smallest cover_id
CREATE TABLE near_pairs (run_id VARCHAR, cover_id INTEGER, other_id INTEGER, bits SMALLINT, likeness FLOAT,
    same BOOLEAN, PRIMARY KEY (run_id, cover_id, other_id));   -- likeness: NULL where not looked at; same: by hash then
CREATE TABLE folds (run_id VARCHAR, cover_id INTEGER, repeat SMALLINT, fold SMALLINT,
    PRIMARY KEY (run_id, cover_id, repeat));     -- a cover is predicted by what learnt from the other folds
CREATE TABLE repeated_predictions (run_id VARCHAR, cover_id INTEGER, repeat SMALLINT, predicted VARCHAR,
    probabilities FLOAT[] NOT NULL, PRIMARY KEY (run_id, cover_id, repeat));
INSERT INTO repeated_predictions SELECT run_id, cover_id, 0, predicted, probabilities FROM predictions;
DROP TABLE predictions;
ALTER TABLE repeated_predictions RENAME TO predictions;  -- out of fold a cover has one a repeat, on a hold-out one
CREATE TABLE curves (run_id VARCHAR, curve VARCHAR, x DOUBLE, genre VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE);
                                                 -- points of curves by name, with intervals; genre NULL: over all
ALTER TABLE metrics ADD COLUMN rank_low SMALLINT;        -- between these places a genre stands, all genres at once
ALTER TABLE metrics ADD COLUMN rank_high SMALLINT;
"""

KEPT_CLASSIFIERS = """
CREATE TABLE kept (run_id VARCHAR, part SMALLINT, format VARCHAR NOT NULL, description JSON NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (run_id, part));      -- fitted classifiers; format: skops or safetensors
CREATE TABLE epochs (run_id VARCHAR, repeat SMALLINT, fold SMALLINT, epoch SMALLINT, metric VARCHAR, value DOUBLE,
    PRIMARY KEY (run_id, repeat, fold, epoch, metric));      -- of a network while it learns, as they come
CREATE TABLE searches (run_id VARCHAR, repeat SMALLINT, fold SMALLINT, candidate SMALLINT, params JSON, metric VARCHAR,
    value DOUBLE, chosen BOOLEAN, PRIMARY KEY (run_id, repeat, fold, candidate, metric));  -- of a grid, each candidate
"""

PRIMARY_BY = """
ALTER TABLE covers ADD COLUMN primary_by VARCHAR DEFAULT 'first';   -- by which rule `genre` was chosen of several
"""

DOUBTS_AND_ODDITIES = """
CREATE TABLE set_aside (cover_id INTEGER PRIMARY KEY, reason VARCHAR NOT NULL, since TIMESTAMP NOT NULL);
                                                 -- left out by the user's word; of each collection: left_out
CREATE TABLE doubts (run_id VARCHAR, cover_id INTEGER, place INTEGER, suggested VARCHAR, quality DOUBLE,
    suggested_probability DOUBLE, own_share DOUBLE, suggested_share DOUBLE, flagged BOOLEAN, agree BOOLEAN,
    PRIMARY KEY (run_id, cover_id));             -- place: 1 is the most doubtful label; shares are of the neighbours
CREATE TABLE oddities (run_id VARCHAR, cover_id INTEGER, reason VARCHAR, score DOUBLE, disc DOUBLE,
    neighbors_disc DOUBLE, one_color DOUBLE, PRIMARY KEY (run_id, cover_id));   -- what may be no cover
"""

PREDICTION_SETS = """
CREATE TABLE prediction_sets (run_id VARCHAR, cover_id INTEGER, likely VARCHAR[] NOT NULL, p_values FLOAT[] NOT NULL,
    PRIMARY KEY (run_id, cover_id));             -- likely: the set, likeliest first; p_values: of all results.classes
"""

AGREEMENTS = """
CREATE TABLE agreements (run_id VARCHAR, cover_id INTEGER, shared_neighbors FLOAT,
    PRIMARY KEY (run_id, cover_id));             -- share of its nearest that both embeddings give it
"""

LETTERING = """
CREATE TABLE texts (                -- what is written on each cover that was read
    run_id VARCHAR,
    cover_id INTEGER,
    text VARCHAR NOT NULL,          -- its lines; '' where no word was found
    script VARCHAR NOT NULL,        -- Latin, Cyrillic, Han, ...: that of most letters
    language VARCHAR NOT NULL,      -- as ISO 639-1 has it; '' where there is too little to guess by
    PRIMARY KEY (run_id, cover_id)
);
CREATE TABLE words (                -- each word on a cover
    run_id VARCHAR,
    cover_id INTEGER,
    place SMALLINT,                 -- in the order of reading, from 0
    line SMALLINT,
    word VARCHAR NOT NULL,
    confidence FLOAT NOT NULL,      -- 0 to 1, the reader's own, of its line
    contrast FLOAT NOT NULL,        -- 0 to 1: difference in lightness of letters and ground, of its line
    box FLOAT[] NOT NULL,           -- x, y of its corners, clockwise, in shares of the cover's longer side
    PRIMARY KEY (run_id, cover_id, place)
);
"""

MIGRATIONS = (
    COVERS_AND_RUNS,
    RESULTS_OF_RUNS,
    GROUPS_FOLDS_RANKS,
    KEPT_CLASSIFIERS,
    PRIMARY_BY,
    DOUBTS_AND_ODDITIES,
    PREDICTION_SETS,
    AGREEMENTS,
    LETTERING,
)


def version(con: duckdb.DuckDBPyConnection) -> int:
    """Number of the last migration applied to this file; 0 for an empty one."""
    known = con.sql("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migrations'").fetchall()[0][0]
    return con.sql("SELECT coalesce(max(number), 0) FROM migrations").fetchall()[0][0] if known else 0


def check_version(found: int) -> None:
    """Refuse a workspace written by a newer genrescope."""
    if found > len(MIGRATIONS):
        raise WorkspaceError(
            f"this workspace has schema version {found}, this genrescope knows up to {len(MIGRATIONS)}: "
            "upgrade genrescope, or use another --workspace"
        )


def migrate(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the migrations this file lacks; inside the caller's transaction."""
    con.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, applied TIMESTAMP)")
    for number, script in enumerate(MIGRATIONS[version(con) :], start=version(con) + 1):
        con.execute(script)
        con.execute("INSERT INTO migrations VALUES (?, current_timestamp::TIMESTAMP)", [number])
