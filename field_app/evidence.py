"""Evidence: photos and signatures, each kept once under the SHA-256 of its bytes, outside the database.

Bytes may come in parts. A part is kept beside the store until the whole is there and its name is true.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LARGEST = 10 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "image/webp")
_BEGINNINGS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF",
}


class WrongOffset(Exception):
    """The part does not begin where the parts kept so far end."""


class WrongBytes(Exception):
    """The bytes are not those of the name, or not of the type."""


@dataclass(frozen=True)
class Part:
    """A stretch of a file: from `first` up to but not including `end`, of `total` bytes."""

    first: int
    end: int
    total: int


def read_range(header: str | None, length: int) -> Part:
    """The part that a Content-Range header speaks of; the whole when there is none. ValueError."""
    if header is None:
        return Part(0, length, length)
    found = re.fullmatch(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})", header, re.ASCII)
    if not found:
        raise ValueError("Content-Range looks like “bytes 0-262143/310224”.")
    first, last, total = map(int, found.groups())
    if last - first + 1 != length or last >= total or total > LARGEST:
        raise ValueError("Content-Range does not fit the bytes.")
    return Part(first, last + 1, total)


class Store:
    """The evidence folder of one instance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def part_path(self, notebook: str, sha256: str) -> Path:
        return self.folder / "parts" / f"{notebook}-{sha256}"

    def has(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def received(self, notebook: str, sha256: str) -> int:
        """How many bytes of it have come so far."""
        path = self.part_path(notebook, sha256)
        return path.stat().st_size if path.exists() else 0

    def take(self, notebook: str, sha256: str, kind: str, part: Part, data: bytes) -> int | None:
        """Keep a part; None when the whole is now stored, else how many bytes have come.

        WrongOffset when it does not begin where the last one ended; WrongBytes when the whole is
        not what its name says (what came of it is thrown away, so that it can be sent again).
        """
        path = self.part_path(notebook, sha256)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            if self.has(sha256):
                return None
            if part.first not in (0, self.received(notebook, sha256)):
                raise WrongOffset(sha256)
            with path.open("wb" if part.first == 0 else "ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if part.end < part.total:
                return part.end
            self._settle(path, sha256, kind)
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A phone that lost an answer sends again while the first call may still be writing."""
        with (self.folder / "parts" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _settle(self, part: Path, sha256: str, kind: str) -> None:
        data = part.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256 or not data.startswith(_BEGINNINGS[kind]):
            part.unlink()
            raise WrongBytes(sha256)
        whole = self.path(sha256)
        whole.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.replace(whole)
        for folder in (whole.parent, self.folder, self.folder.parent):  # each may be new
            sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """A renamed file is safe only when its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def true_to_name(path: Path) -> bool:
    """Whether a stored file still has the bytes its name says."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def kind_of(path: Path) -> str | None:
    """The type of a stored file, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(8)
    return next((kind for kind, known in _BEGINNINGS.items() if start.startswith(known)), None)
