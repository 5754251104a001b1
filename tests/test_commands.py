"""The flask commands: what they do, what they say, and status 0 or 1."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlite_utils import Database

from field_app import backups, commands, create_app, demonstration, doctor, publishing
from field_app.database import FILE_NAME, connect, insert, keep_setting, path_of, setting, writing
from field_app.evidence import Store
from field_app.times import Week, moment_text
from tests.conftest import Notebook, patrol, sign_in

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
STARTED = datetime(2026, 11, 17, 10, tzinfo=UTC)
WORDS = "three invented words"
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command; its result, with standard error apart."""

    def runs(*words: str, said: str | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=list(words), input=said)
        assert "Traceback" not in result.stderr, result.stderr
        return result

    return runs


@pytest.fixture
def instance(app: Flask) -> Path:
    return path_of(app).parent


@pytest.fixture
def book(officer: Callable[..., str], notebook_of: Callable[[str], Notebook]) -> Notebook:
    """A notebook with two patrols that have been received."""
    made = notebook_of(officer("First Invented"))
    made.write("patrol", patrol(STARTED), STARTED)
    made.write("patrol", patrol(STARTED + timedelta(hours=1)), STARTED)
    made.send(NOW)
    return made


def ended(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: str(command.name))
def test_every_command_has_help(run: Run, command: commands.Command) -> None:
    assert command.name
    result = run(command.name, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert command.help
    assert command.help.split("\n")[0].split()[0] in result.stdout


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: str(command.name))
def test_wrong_use_of_a_command_ends_with_status_1(run: Run, command: commands.Command) -> None:
    assert command.name
    result = run(command.name, "--no-such-option")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No such option" in result.stderr


def test_init_makes_a_file_with_one_administrator_and_no_demonstration(
    run: Run, db: Database
) -> None:
    words = ("init", "--administrator", "ada", "--name", "Ada Invented", "--password-stdin")
    result = run(*words, said=f"{WORDS}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    people = [dict(row) for row in db.conn.execute("SELECT username, name, role FROM officers")]
    assert people == [{"username": "ada", "name": "Ada Invented", "role": "administrator"}]
    assert setting(db, "demonstration") == "no"


def test_init_asks_for_what_it_is_not_told(run: Run, app: Flask) -> None:
    result = run("init", said=f"ada\nAda Invented\n{WORDS}\n{WORDS}\n")
    assert result.exit_code == 0, result.stderr
    assert sign_in(app.test_client(), "ada", WORDS).status_code == 302


@pytest.mark.usefixtures("book")
def test_init_refuses_a_file_that_has_officers(run: Run) -> None:
    words = ("init", "--administrator", "ada", "--name", "Ada Invented", "--password-stdin")
    result = run(*words, said=WORDS)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "has officers already; nothing was changed." in result.stderr


@pytest.mark.parametrize(
    ("username", "name", "password", "said"),
    [
        ("Ada", "Ada", WORDS, "A username is made of a to z"),
        ("a b", "Ada", WORDS, "A username is made of a to z"),
        ("ada", "  ", WORDS, "Give the name"),
        ("ada", "Ada", "short", "at least 12 characters"),
    ],
)
def test_init_refuses_what_nobody_could_sign_in_with(
    run: Run, db: Database, username: str, name: str, password: str, said: str
) -> None:
    words = ("init", "--administrator", username, "--name", name, "--password-stdin")
    result = run(*words, said=password)
    assert (result.exit_code, said in result.stderr) == (1, True), result.stderr
    assert db.table("officers").count == 0


def test_added_officer_can_sign_in_and_is_added_once(run: Run, app: Flask) -> None:
    words = ("add-officer", "lena", "--name", "Lena Leader", "--role", "team leader")
    added = run(*words, "--password-stdin", said=WORDS)
    assert ended(added) == (0, "Lena Leader may sign in as lena.\n", "")
    assert sign_in(app.test_client(), "lena", WORDS).headers["Location"] == "/desk"
    again = run(*words, "--password-stdin", said=WORDS)
    assert ended(again) == (1, "", "Error: Somebody signs in as lena already.\n")


def test_demonstration_is_filled_once_and_says_how_to_sign_in_each_time(
    run: Run, db: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8765")
    monkeypatch.setattr(demonstration, "pages", lambda *_: [])  # eight weeks of them take long
    first = run("demonstrate", "--if-new")
    assert first.exit_code == 0, first.stderr
    people = db.table("officers").count
    second = run("demonstrate", "--if-new")
    assert (second.exit_code, second.stdout) == (0, first.stdout)
    assert db.table("officers").count == people == 25
    assert "http://127.0.0.1:8765" in first.stdout
    password = first.stdout.split()[-1]
    for username in ("officer01", "leader1"):
        assert username in first.stdout
        assert sign_in(app.test_client(), username, password).status_code == 302
    assert run("demonstrate").exit_code == 1


@pytest.mark.usefixtures("book")
def test_demonstration_never_goes_into_a_real_file(run: Run, db: Database, instance: Path) -> None:
    result = run("demonstrate", "--if-new")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "has officers already; nothing was changed." in result.stderr
    assert (db.table("officers").count, setting(db, "demonstration")) == (1, "no")
    assert not (instance / "demonstration-password").exists()


@pytest.mark.usefixtures("book")
def test_verify_says_that_all_is_well(run: Run) -> None:
    assert ended(run("verify")) == (
        0,
        "All is well: 2 pages in 1 notebooks, 0 photos and signatures.\n",
        "",
    )


@pytest.mark.usefixtures("book")
def test_verify_names_what_is_wrong_on_standard_error(run: Run, db: Database) -> None:
    db.conn.execute("UPDATE patrols SET ward = NULL")
    table = "table patrols is not what the pages say; run: flask --app field_app rebuild"
    assert ended(run("verify")) == (1, "", f"{table}\nError: One thing is wrong.\n")


@pytest.mark.usefixtures("book")
def test_rebuild_makes_the_tables_from_the_pages(run: Run, db: Database) -> None:
    db.conn.execute("DELETE FROM patrols")
    assert ended(run("rebuild")) == (0, "Made the tables anew from the pages of 2 records.\n", "")
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("book")
def test_exported_week_is_byte_for_byte_what_the_desk_gives_published_numbers_too(
    run: Run, app: Flask, db: Database, leader: str, tmp_path: Path
) -> None:
    week = Week.parse("2026-W47")
    with writing(db):
        publishing.publish(db, leader, week, week.ends)
    client = app.test_client()
    sign_in(client, "lena")
    desk = client.get("/desk/count/2026-W47.csv")
    assert desk.text.endswith(",1,0,1,1,1,1,2026-11-23T00:00:00.000Z\r\n")
    printed = run("export-week", "2026-W47")
    assert (printed.exit_code, printed.stdout_bytes) == (0, desk.data)
    file = tmp_path / "week.csv"
    assert ended(run("export-week", "2026-W47", "--output", str(file))) == (0, "", "")
    assert file.read_bytes() == desk.data


def test_export_of_no_week_is_refused(run: Run, tmp_path: Path) -> None:
    assert ended(run("export-week", "2026-W99")) == (1, "", "Error: There is no week 2026-W99.\n")
    result = run("export-week", "2026-W47", "--output", str(tmp_path))
    assert (result.exit_code, "Is a directory" in result.stderr) == (1, True)


def backup_in(result: Result) -> Path:
    assert result.exit_code == 0, result.stderr
    return Path(result.stdout.split(": ", 1)[1].strip())


def with_photo(db: Database, instance: Path, book: Notebook) -> str:
    """A photo that has been received."""
    data = b"\xff\xd8\xff invented"
    name = hashlib.sha256(data).hexdigest()
    file = Store(instance / "evidence").path(name)
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    row = {"sha256": name, "type": "image/jpeg", "bytes": len(data), "notebook": book.id}
    insert(db, "evidence", row | {"received_at": moment_text(NOW)})
    return name


def test_backup_is_whole_verified_and_told_to_the_phones(
    run: Run, db: Database, book: Notebook, instance: Path
) -> None:
    photo = with_photo(db, instance, book)
    folder = backup_in(run("backup"))
    assert folder.parent == instance / "backups"
    assert sorted(path.name for path in folder.iterdir()) == ["evidence", FILE_NAME]
    assert Store(folder / "evidence").has(photo)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    copied = connect(folder / FILE_NAME)
    with closing(copied.conn):
        assert copied.table("pages").count == 2
    assert cursor(db) == 2


def cursor(db: Database) -> int:
    return int(db.conn.execute("SELECT backed_up_through FROM notebooks").fetchone()[0])


def test_pages_received_while_the_backup_is_made_are_not_called_backed_up(
    db: Database, book: Notebook, instance: Path
) -> None:
    def meanwhile(what: str, done: int, all_: int) -> None:
        if what == "Records" and done == all_:  # the copy is made, and is being proved
            book.write("patrol", patrol(STARTED), STARTED)
            book.send(NOW)

    made = backups.make_backup(instance, instance / "backups", NOW, meanwhile)
    assert made.problems == []
    assert db.table("pages").count == 3
    assert cursor(db) == 2


def test_page_whose_photo_is_not_in_the_backup_is_not_called_backed_up(
    run: Run, db: Database, book: Notebook, instance: Path
) -> None:
    photo = with_photo(db, instance, book)
    for name in (photo, "ab" * 32):
        listed = [{"sha256": name, "taken_at": moment_text(STARTED)}]
        book.write("patrol", patrol(STARTED, photos=listed), STARTED)
    book.write("patrol", patrol(STARTED), STARTED)
    book.send(NOW)
    backup_in(run("backup"))
    assert cursor(db) == 3


def test_backup_that_does_not_verify_is_no_backup(
    run: Run, db: Database, book: Notebook, instance: Path
) -> None:
    photo = with_photo(db, instance, book)
    Store(instance / "evidence").path(photo).unlink()
    result = run("backup")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"evidence {photo}: the file is missing" in result.stderr
    unsound = list((instance / "backups").iterdir())
    assert [path.suffix for path in unsound] == [".unsound"]
    assert cursor(db) == 0
    refused = run("restore", unsound[0].name)
    assert (refused.exit_code, "is not a finished backup" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("book")
def test_backup_that_was_interrupted_is_never_taken_for_one(
    db: Database, instance: Path, run: Run
) -> None:
    def interrupt(what: str, _done: int, _all: int) -> None:
        if what == "Records":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backups.make_backup(instance, instance / "backups", NOW, interrupt)
    left = list((instance / "backups").iterdir())
    assert [path.suffix for path in left] == [".part"]
    assert cursor(db) == 0
    assert run("restore", left[0].name).exit_code == 1
    finished = backup_in(run("backup"))
    assert list((instance / "backups").iterdir()) == [finished]


@pytest.mark.usefixtures("book")
def test_two_backups_at_once_are_refused(run: Run, instance: Path) -> None:
    second: list[Result] = []

    def meanwhile(_what: str, _done: int, _all: int) -> None:
        if not second:
            second.append(run("backup"))

    backups.make_backup(instance, instance / "backups", NOW, meanwhile)
    assert ended(second[0]) == (
        1,
        "",
        "Error: A backup or a restore is running. Wait until it ends.\n",
    )


@pytest.mark.usefixtures("book")
def test_backup_goes_into_the_folder_that_is_named_and_leaves_the_rest_of_it(
    run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "mine.part").mkdir(parents=True)
    folder = backup_in(run("backup", "--output", str(other)))
    assert sorted(other.iterdir()) == sorted([folder, other / "mine.part"])


def test_restored_backup_has_a_new_epoch_and_the_file_before_is_kept(
    run: Run, db: Database, book: Notebook, instance: Path
) -> None:
    epoch = setting(db, "epoch")
    folder = backup_in(run("backup"))
    before = (folder / FILE_NAME).read_bytes()
    book.write("patrol", patrol(STARTED), STARTED)
    book.send(NOW)
    result = run("restore", str(folder))
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"first, notebook {book.id}: pages 3 to 3 came after the backup" in result.stdout
    restored, (aside,) = connect(instance / FILE_NAME), instance.glob("before-restore-*")
    with closing(restored.conn):
        assert restored.table("pages").count == 2
        assert setting(restored, "epoch") != epoch
    kept = connect(aside / FILE_NAME)
    with closing(kept.conn):
        assert kept.table("pages").count == 3
    assert (folder / FILE_NAME).read_bytes() == before, "a restore leaves the backup alone"


@pytest.mark.usefixtures("book")
def test_restore_is_refused_while_a_server_works(run: Run, instance: Path) -> None:
    folder = backup_in(run("backup"))
    served = create_app({"INSTANCE": instance})
    assert served.test_client().get("/health/live").status_code == 200
    result = run("restore", str(folder))
    assert ended(result) == (1, "", "Error: The server is running. Stop it, restore, start it.\n")


@pytest.mark.usefixtures("book")
def test_server_answers_503_while_a_restore_is_running(run: Run, instance: Path) -> None:
    folder = backup_in(run("backup"))
    answers = []

    def meanwhile(_what: str, _done: int, _all: int) -> None:
        answer = create_app({"INSTANCE": instance}).test_client().get("/api/v1/me")
        answers.append((answer.status_code, "Retry-After" in answer.headers))

    backups.restore(instance, folder, NOW, meanwhile)
    assert set(answers) == {(503, True)}


def rescue_file(tmp_path: Path, book: Notebook, officer: str | None) -> str:
    pages = [vars(page) for page in book.pages]
    said = {"notebook": book.id, "pages": pages, "phone": {"oldest": pages[0]["page"]}}
    file = tmp_path / "rescue.json"
    file.write_text(json.dumps(said | ({"officer": officer} if officer else {})))
    return str(file)


def test_rescue_file_is_taken_in_and_twice_is_once(
    run: Run, db: Database, book: Notebook, tmp_path: Path
) -> None:
    book.write("patrol", {}, STARTED)
    file = rescue_file(tmp_path, book, None)
    assert ended(run("import-rescue", file)) == (0, "3 pages: 1 held, 2 known.\n", "")
    assert ended(run("import-rescue", file)) == (0, "3 pages: 3 known.\n", "")
    assert db.table("pages").count == 3
    assert run("verify").exit_code == 0


def test_rescue_file_of_an_unknown_notebook_needs_a_known_officer(
    run: Run, officer: Callable[..., str], notebook_of: Callable[[str], Notebook], tmp_path: Path
) -> None:
    new = notebook_of(officer("First Invented"))
    new.write("patrol", patrol(STARTED), STARTED)
    unknown = "Error: Neither this notebook nor its officer is known here.\n"
    assert ended(run("import-rescue", rescue_file(tmp_path, new, None))) == (1, "", unknown)
    assert ended(run("import-rescue", rescue_file(tmp_path, new, "x"))) == (1, "", unknown)
    taken = run("import-rescue", rescue_file(tmp_path, new, new.officer))
    assert ended(taken) == (0, "1 pages: 1 accepted.\n", "")


def test_rescue_file_that_begins_too_late_is_refused_whole(
    run: Run, db: Database, book: Notebook, tmp_path: Path
) -> None:
    for _ in range(3):
        book.write("patrol", patrol(STARTED), STARTED)
    file = Path(rescue_file(tmp_path, book, None))
    said = json.loads(file.read_text())
    said["pages"] = said["pages"][3:]
    file.write_text(json.dumps(said))
    result = run("import-rescue", str(file))
    assert (result.exit_code, "Page 3 is not here." in result.stderr) == (1, True)
    assert db.table("pages").count == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"notebook": 7}', "[" * 100_000])
def test_file_that_is_no_rescue_file_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    result = run("import-rescue", str(file))
    assert (result.exit_code, result.stdout, bool(result.stderr)) == (1, "", True)
    assert run("import-rescue", str(tmp_path / "none")).exit_code == 1


def test_no_numbers_lent_is_a_real_answer(run: Run) -> None:
    assert ended(run("books")) == (0, "No numbers are lent.\n", "")


def test_books_say_to_whom_numbers_are_lent(run: Run, db: Database, book: Notebook) -> None:
    at = moment_text(NOW)
    lent = {"series": "FPN", "first": 1, "last": 50, "notebook": book.id, "lent_at": at}
    insert(db, "books", lent)
    said = f"FPN 1–50: lent {at} to first, notebook {book.id}\n"
    assert ended(run("books")) == (0, said, "")


@pytest.mark.usefixtures("book")
def test_doctor_finds_nothing_on_a_healthy_server(app: Flask, db: Database) -> None:
    keep_setting(db, "made_at", moment_text(NOW - timedelta(days=9)))
    keep_setting(db, "backed_up_at", moment_text(NOW - timedelta(hours=20)))
    keep_setting(db, "backed_up_in", "/dev")
    app.config["HTTPS"] = True
    assert attended(app, db) == []


def test_doctor_names_each_thing_to_attend_to(
    app: Flask, db: Database, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.chmod(0o755)
    (instance / "secret-key").chmod(0o644)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    keep_setting(db, "demonstration", "yes")
    keep_setting(db, "made_at", moment_text(NOW + timedelta(days=1)))
    keep_setting(db, "backed_up_at", moment_text(NOW - timedelta(hours=27)))
    keep_setting(db, "backed_up_in", str(instance / "gone"))
    app.config["MAP_TILES"] = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    assert attended(app, db) == [
        f"{instance} is private",
        f"{instance / 'secret-key'} is private",
        "0.0 GiB free on the disk",
        "the clock says 2026-11-18 12:00 UTC",
        "newest backup 27.0 hours old",
        f"newest backup {instance / 'gone'}",
        "pictures of maps",
        "FIELDBOOK_HTTPS is false",
        "demonstration data",
    ]


def attended(app: Flask, db: Database) -> list[str]:
    return [found.about for found in doctor.examine(app, db, NOW) if found.to_do]


def test_doctor_ends_with_status_1_when_something_needs_attending(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "attend  no backup yet. Run: flask --app field_app backup" in result.stdout
    assert result.stderr.endswith("need attending to.\n")
