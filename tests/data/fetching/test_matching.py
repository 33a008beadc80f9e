"""What a cover is looked up by, and which matches are sure: pure, no server."""

import pytest

from data.fetching.matching import DOUBTFUL, SURE, UNKNOWN, Key, key_of, match, plain
from data.fetching.musicbrainz import Release, find_id

ID = "76df3287-6cda-33eb-8e9a-044b5e15ffdd"


def release(number: int = 1, **facts: str) -> Release:
    usual = {"id": f"r{number}", "album_id": "a1", "title": "Abbey Road", "artist": "The Beatles", "artist_id": "b"}
    return Release(**(usual | facts))


@pytest.mark.parametrize(
    ("path", "metadata", "key"),
    [
        ("/c/R-10011179-1490322801-7353-jpeg.jpg", {}, Key("discogs", "10011179")),
        ("/c/R-1-2.jpg", {"MusicBrainz_AlbumId": ID.upper()}, Key("release", ID)),
        ("/c/x.jpg", {"mbid": f"https://musicbrainz.org/release/{ID}"}, Key("release", ID)),
        ("/c/x.jpg", {"release_group_id": ID}, Key("album", ID)),
        ("/c/x.jpg", {"discogs_id": "https://www.discogs.com/release/30896-Band-Title"}, Key("discogs", "30896")),
        ("/c/x.jpg", {"discogs_release_id": 30896}, Key("discogs", "30896")),
        ("/c/x.jpg", {"discogs_id": "r30896"}, Key("discogs", "30896")),
        ("/c/x.jpg", {"barcode": "0 724384-960650"}, Key("barcode", "0724384960650")),
        ("/c/x.jpg", {"barcode": "none", "artist": "U2", "album": "War"}, Key("name", "U2\nWar")),
        ("/c/x.jpg", {"artist": "a\nb", "title": "c"}, Key("name", "a b\nc")),
        ("/c/AR-12-x.jpg", {"artist": "U2"}, None),
        ("/c/x.jpg", {"mbid": "what?", "barcode": ""}, None),
    ],
)
def test_the_best_key_that_a_cover_offers(path: str, metadata: dict[str, object], key: Key | None) -> None:
    assert key_of(path, metadata) == key


def test_ids_that_lead_to_one_album_are_sure_and_the_earliest_edition_counts() -> None:
    found = [release(1, released="1987-01-01"), release(2, released="1969"), release(3)]
    told = match(Key("discogs", "1"), {}, found)
    assert (told.verdict, told.release and told.release.id) == (SURE, "r2")
    assert told.why == "by discogs 1"


@pytest.mark.parametrize("kind", ["discogs", "barcode"])
def test_ids_that_lead_to_several_albums_are_doubtful(kind: str) -> None:
    told = match(Key(kind, "1"), {}, [release(1), release(2, album_id="a2")])
    assert (told.verdict, told.why) == (DOUBTFUL, "2 albums have it")


def test_what_the_cover_says_otherwise_is_doubtful() -> None:
    told = match(Key("barcode", "1"), {"artist": "Nirvana"}, [release()])
    assert (told.verdict, told.why) == (DOUBTFUL, "the cover's artist is 'Nirvana', MusicBrainz has 'The Beatles'")
    assert match(Key("barcode", "1"), {"album": "Help!"}, [release()]).verdict == DOUBTFUL
    assert (
        match(Key("barcode", "1"), {"artist": "BEATLES", "title": "Abbey Road (Remastered)"}, [release()]).verdict
        == SURE
    )


def test_by_name_only_one_album_with_the_very_same_names_is_sure() -> None:
    key = Key("name", "Beatles\nabbey road!")
    assert match(key, {}, [release(), release(2, title="Abbey Roads")]).verdict == SURE
    assert match(key, {}, [release(title="Abbey Roads")]).why == "only names that are like it"
    assert match(key, {}, [release(), release(2, album_id="a2")]).verdict == DOUBTFUL
    assert match(key, {}, []).verdict == UNKNOWN


def test_names_are_compared_plainly() -> None:
    assert plain("The Beatles") == plain("BEATLES")
    assert plain("Sigur Rós") == plain("sigur ros")
    assert plain("Simon & Garfunkel") == plain("Simon and Garfunkel")
    assert plain("The The") == "the"
    assert plain("!!!") == "!!!" != plain("???")
    assert plain("東京") != plain("京都")


def test_ids_are_found_in_addresses() -> None:
    assert find_id(f"https://musicbrainz.org/release/{ID.upper()}?x") == ID
    assert find_id("../../etc/passwd") is None
