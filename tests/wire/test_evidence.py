"""The wire: photos, whole and in parts."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from field_app import evidence
from field_app.evidence import Part, Store
from tests.wire.client import Answer, Notebook, Server, Session, moment, patrol


def photo(size: int = 1000, seed: str = "") -> bytes:
    """Bytes that begin as a JPEG does; another seed gives others."""
    seed = seed or moment()
    filling = hashlib.shake_256(seed.encode()).digest(size - 3)
    return b"\xff\xd8\xff" + filling


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(notebook: Notebook, data: bytes, name: str | None = None, **headers: str) -> Answer:
    headers = {"Content_Type": "image/jpeg"} | headers
    return notebook.call("PUT", f"/evidence/{name or name_of(data)}", data, **headers)


def part(notebook: Notebook, data: bytes, start: int, end: int) -> Answer:
    span = f"bytes {start}-{end - 1}/{len(data)}"
    return put(notebook, data[start:end], name_of(data), Content_Range=span)


def head(notebook: Notebook, data: bytes) -> tuple[int, str | None]:
    answer = notebook.call("HEAD", f"/evidence/{name_of(data)}")
    assert answer.data == b""
    return answer.status, answer.headers["Upload-Offset"]


def test_whole_photo_is_stored_and_then_already_there(server: Server, notebook: Notebook) -> None:
    data = photo()
    assert head(notebook, data) == (404, "0")
    assert put(notebook, data).status == 201
    assert put(notebook, data).status == 200
    assert head(notebook, data) == (200, None)
    kept = server.instance / "evidence" / name_of(data)[:2] / name_of(data)
    assert kept.read_bytes() == data


def test_photo_in_parts_is_whole_after_the_last(notebook: Notebook) -> None:
    data = photo(3000)
    first = part(notebook, data, 0, 1000)
    assert (first.status, first.json) == (202, {"received": 1000})
    assert head(notebook, data) == (404, "1000")
    assert part(notebook, data, 1000, 2000).json == {"received": 2000}
    assert part(notebook, data, 2000, 3000).status == 201
    assert head(notebook, data) == (200, None)


def test_part_at_a_wrong_offset_is_409_and_says_where_to_send_on(notebook: Notebook) -> None:
    data = photo(3000)
    part(notebook, data, 0, 1000)
    again = part(notebook, data, 2000, 3000)
    assert (again.status, again.json["received"]) == (409, 1000)
    assert part(notebook, data, 1000, 3000).status == 201


def test_upload_may_begin_again_from_the_start(notebook: Notebook) -> None:
    data = photo(3000)
    part(notebook, data, 0, 2000)
    assert part(notebook, data, 0, 500).json == {"received": 500}
    assert put(notebook, data).status == 201


def test_bytes_that_differ_from_the_name_are_422_and_can_be_sent_again(notebook: Notebook) -> None:
    data = photo()
    assert put(notebook, data[:-1] + b"!", name_of(data)).status == 422
    assert head(notebook, data) == (404, "0")
    assert put(notebook, data).status == 201


def test_bytes_of_another_type_are_422(notebook: Notebook) -> None:
    assert put(notebook, b"<html>" + photo()).status == 422
    assert put(notebook, photo(), Content_Type="image/png").status == 422
    assert put(notebook, b"").status == 422


def test_other_content_types_are_415(notebook: Notebook) -> None:
    answer = put(notebook, photo(), Content_Type="text/html")
    assert (answer.status, answer.json["error"]) == (415, "type")


@pytest.mark.parametrize(
    "span", ["bytes 0-999", "bytes 0-998/1000", "bytes 1-1000/1000", "bytes a-b/c", "0-999/1000"]
)
def test_content_range_that_does_not_fit_is_422(notebook: Notebook, span: str) -> None:
    data = photo(1000)
    assert put(notebook, data, Content_Range=span).status == 422


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_more_than_10_mib_are_413(notebook: Notebook, chunked: bool) -> None:
    data = photo(10 * 1024 * 1024 + 1)
    name, kind = name_of(data), "image/jpeg"
    answer = notebook.call("PUT", f"/evidence/{name}", data, chunked=chunked, Content_Type=kind)
    assert answer.status == 413


def test_photo_sent_several_times_at_once_is_stored(notebook: Notebook) -> None:
    data = photo(200_000)
    with ThreadPoolExecutor(6) as threads:
        statuses = sorted(threads.map(lambda _: put(notebook, data).status, range(12)))
    assert set(statuses) <= {200, 201}
    assert head(notebook, data) == (200, None)


def test_photo_taken_by_several_workers_at_once_is_whole(tmp_path: Path) -> None:
    store, data = Store(tmp_path), photo(2_000_000)
    whole = Part(0, len(data), len(data))
    with ThreadPoolExecutor(8) as threads:
        taken = [
            threads.submit(store.take, "notebook", name_of(data), "image/jpeg", whole, data)
            for _ in range(40)
        ]
    assert [one.result() for one in taken] == [None] * 40
    assert store.path(name_of(data)).read_bytes() == data


def test_photo_is_stored_once_its_new_folders_are_on_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(evidence, "sync_folder", synced.append)
    data = b"\xff\xd8\xff an invented photo"
    name = hashlib.sha256(data).hexdigest()
    folder = tmp_path / "evidence"
    Store(folder).take("n", name, "image/jpeg", Part(0, len(data), len(data)), data)
    assert synced == [folder / name[:2], folder, tmp_path]


def test_photo_that_a_page_lists_is_wanted_until_it_is_here(
    server: Server, notebook: Notebook
) -> None:
    data = photo()
    listed = {"sha256": name_of(data), "taken_at": "2026-11-16T10:05:00Z"}
    notebook.write(body=patrol(photos=[listed]))
    assert notebook.post().json["evidence_wanted"] == [name_of(data)]
    note = f"note: notebook {notebook.id}: evidence of page 1 has not come yet"
    assert note in server.flask("verify").stdout
    put(notebook, data)
    assert notebook.standing()["evidence_wanted"] == []


def test_photo_needs_its_own_notebooks_token(notebook: Notebook, second: Session) -> None:
    notebook.token = second.notebook().token
    assert put(notebook, photo()).status == 401
    assert head(notebook, photo())[0] == 401
