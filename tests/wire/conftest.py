"""One real server for most tests, and one of its own for a test that stops or starves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.wire.client import PASSWORD, Notebook, Server, Session


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance as a council makes it, with two officers, to be copied."""
    server = Server(tmp_path_factory.mktemp("made") / "instance")
    for words in (
        ["init", "--administrator", "admin", "--name", "Ada Invented"],
        ["add-officer", "first", "--name", "First Invented"],
        ["add-officer", "second", "--name", "Second Invented"],
    ):
        done = server.flask(*words, "--password-stdin", stdin=PASSWORD)
        assert done.returncode == 0, done.stderr
    return server.instance


@pytest.fixture(scope="session")
def server(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(copytree(made, tmp_path_factory.mktemp("wire") / "instance")).start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def first(server: Server) -> Session:
    return Session(server, "first").sign_in()


@pytest.fixture(scope="session")
def second(server: Server) -> Session:
    return Session(server, "second").sign_in()


@pytest.fixture
def notebook(first: Session) -> Notebook:
    """A new notebook of the first officer."""
    return first.notebook()


@pytest.fixture
def own_server(made: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of the test's own, with settings."""
    started: list[Server] = []

    def start(**settings: str) -> Server:
        server = Server(copytree(made, tmp_path / f"instance{len(started)}"), **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()
