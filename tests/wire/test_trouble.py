"""The wire when the server is busy, is killed, is restored, or is asked too often."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from flask import Flask

from field_app.database import FILE_NAME, connect, get_db
from tests.wire.client import Notebook, Server, Session, moment, states

Own = Callable[..., Server]


def test_too_many_calls_are_429_and_say_when_to_come_again(own_server: Own) -> None:
    server = own_server(WIRE_LIMIT="4 per hour")
    notebook = Session(server, "first").sign_in().notebook()
    answer = notebook.call("GET")
    for _ in range(60):  # the worker processes count for themselves
        if answer.status == 429:
            break
        answer = notebook.call("GET")
    assert (answer.status, answer.headers["Content-Type"]) == (429, "application/json")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert set(answer.json) == {"error", "message"}


def test_busy_file_is_503_and_nothing_is_lost(own_server: Own) -> None:
    server = own_server(BUSY_SECONDS="1")
    notebook = Session(server, "first").sign_in().notebook()
    notebook.write()
    with closing(connect(server.instance / FILE_NAME).conn) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = notebook.post()
        ready = server.call("GET", "/health/ready")
    assert (busy.status, busy.json["error"]) == (503, "busy")
    assert int(busy.headers["Retry-After"]) > 0
    assert (ready.status, ready.json["status"]) == (503, "not ready")
    assert states(notebook.post()) == ["accepted"]


def test_page_that_waited_for_another_write_is_received_when_it_is_kept(own_server: Own) -> None:
    server = own_server()
    notebook = Session(server, "first").sign_in().notebook()
    notebook.write()
    with closing(connect(server.instance / FILE_NAME).conn) as other, ThreadPoolExecutor() as line:
        other.execute("BEGIN IMMEDIATE")
        post = line.submit(notebook.post)
        time.sleep(0.5)
        free = moment()
        other.execute("COMMIT")
        assert states(post.result()) == ["accepted"]
        mine = "SELECT received_at FROM pages WHERE notebook = ?"
        received = other.execute(mine, [notebook.id]).fetchone()[0]
    assert received >= free


def test_token_that_ends_while_a_post_waits_takes_no_pages(own_server: Own) -> None:
    server = own_server()
    notebook = Session(server, "first").sign_in().notebook()
    notebook.write()
    with closing(connect(server.instance / FILE_NAME).conn) as other, ThreadPoolExecutor() as line:
        other.execute("BEGIN IMMEDIATE")
        post = line.submit(notebook.post)
        time.sleep(0.5)
        other.execute("UPDATE notebooks SET token_serial = token_serial + 1")
        other.execute("COMMIT")
        assert post.result().status == 401
        mine = "SELECT count(*) FROM pages WHERE notebook = ?"
        assert other.execute(mine, [notebook.id]).fetchone()[0] == 0


def test_receipt_survives_a_killed_server(own_server: Own) -> None:
    server = own_server()
    notebook = Session(server, "first").sign_in().notebook()
    for _ in range(5):
        notebook.write()
    notebook.post()
    server.stop(signal.SIGKILL)
    server.start()
    assert notebook.standing()["received_through"] == 5
    assert server.flask("verify").returncode == 0


def test_pages_whose_answer_died_with_the_server_are_known(own_server: Own) -> None:
    server = own_server()
    notebook = Session(server, "first").sign_in().notebook()
    notebook.write()
    notebook.write()
    _send_and_hang_up(notebook)
    deadline = time.monotonic() + 10
    while _received(server, notebook) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    server.stop(signal.SIGKILL)
    server.start()
    assert states(notebook.post()) == ["known", "known"]
    assert notebook.call("GET", "/pages").json == {"pages": notebook.pages}


def _send_and_hang_up(notebook: Notebook) -> None:
    body = json.dumps({"pages": notebook.pages, "phone": {}}).encode()
    head = (
        f"POST /api/v1/notebooks/{notebook.id}/pages HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {notebook.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", notebook.server.port)) as line:
        line.sendall(head.encode() + body)


def _received(server: Server, notebook: Notebook) -> int:
    with closing(connect(server.instance / FILE_NAME).conn) as connection:
        sql = "SELECT received_through FROM notebooks WHERE id = ?"
        return int(connection.execute(sql, [notebook.id]).fetchone()[0])


def test_file_lost_while_a_post_was_half_sent_keeps_nothing_of_it(own_server: Own) -> None:
    server = own_server()
    notebook = Session(server, "first").sign_in().notebook()
    notebook.write()
    body = json.dumps({"pages": notebook.pages}).encode()
    head = (
        f"POST /api/v1/notebooks/{notebook.id}/pages HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {notebook.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(head.encode() + body[:100])
    assert notebook.standing()["received_through"] == 0
    assert states(notebook.post()) == ["accepted"]


def test_connection_of_a_call_writes_ahead_and_syncs_in_full(app: Flask) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    with app.test_request_context("/api/v1/me"):
        said = {one: get_db().conn.execute(f"PRAGMA {one}").fetchone()[0] for one in pragmas}
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_restored_server_is_healed_by_its_phones(own_server: Own) -> None:
    server = own_server()
    session = Session(server, "first").sign_in()
    older = session.notebook()
    older.write()
    older.post()
    backup = server.flask("backup")
    assert backup.returncode == 0, backup.stderr
    assert older.standing()["backed_up_through"] == 1

    older.write()
    older.post()
    newer = session.notebook()
    newer.write()
    newer.write()
    newer.post()
    epoch = newer.standing()["epoch"]
    name = backup.stdout.split("/")[-1].strip()

    running = server.flask("restore", name)
    assert (running.returncode, running.stderr) == (
        1,
        "Error: The server is running. Stop it, restore, start it.\n",
    )
    server.stop()
    restored = server.flask("restore", name)
    assert restored.returncode == 0, restored.stderr
    assert f"first, notebook {older.id}: pages 2 to 2 came after the backup" in restored.stdout
    assert f"first, notebook {newer.id}: pages 1 to 2 came after the backup" in restored.stdout
    server.start()

    assert older.standing()["epoch"] != epoch
    assert (older.standing()["received_through"], newer.standing()["received_through"]) == (1, 0)
    assert newer.post(newer.pages[1:]).status == 409
    assert states(newer.post()) == ["accepted", "accepted"]
    assert states(older.post()) == ["known", "accepted"]
    assert server.flask("verify").returncode == 0


def test_officer_added_after_the_backup_can_still_send(own_server: Own) -> None:
    server = own_server()
    name = server.flask("backup").stdout.split("/")[-1].strip()
    added = ["add-officer", "third", "--name", "Third Invented", "--password-stdin"]
    server.flask(*added, stdin="three invented words")
    notebook = Session(server, "third").sign_in().notebook()
    notebook.write()
    notebook.post()
    server.stop()
    restored = server.flask("restore", name)
    assert "third was added after the backup and is kept." in restored.stdout
    server.start()
    assert states(notebook.post()) == ["accepted"]


def test_photo_that_came_after_the_backup_is_still_known(own_server: Own) -> None:
    server = own_server()
    name = server.flask("backup").stdout.split("/")[-1].strip()
    notebook = Session(server, "first").sign_in().notebook()
    data = b"\xff\xd8\xff an invented photo"
    path = f"/evidence/{hashlib.sha256(data).hexdigest()}"
    assert notebook.call("PUT", path, data, Content_Type="image/jpeg").status == 201
    server.stop()
    assert server.flask("restore", name).returncode == 0
    server.start()
    assert notebook.call("HEAD", path).status == 200


def test_ruined_file_leaves_restore_working(own_server: Own) -> None:
    server = own_server()
    name = server.flask("backup").stdout.split("/")[-1].strip()
    server.stop()
    (server.instance / FILE_NAME).write_bytes(b"ruined" * 10_000)
    server.start()
    assert server.call("GET", "/health/ready").status == 503
    verified = server.flask("verify")
    assert verified.returncode == 1
    assert "The central file cannot be used: file is not a database." in verified.stderr
    assert "Traceback" not in verified.stderr
    server.stop()
    restored = server.flask("restore", name)
    assert restored.returncode == 0, restored.stderr
    assert "The file that was there cannot be read" in restored.stdout
    server.start()
    assert server.call("GET", "/health/ready").status == 200
