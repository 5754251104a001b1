"""What independent readers find in a PDF: poppler its words and tags, zbar its QR codes."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory


def ask(pdf: bytes, program: str, *options: str) -> str:
    """What one of poppler's programs says of a PDF on its standard output."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "notice.pdf"
        file.write_bytes(pdf)
        out = ["-"] if program.startswith("pdfto") else []
        command = [program, *options, str(file), *out]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def read(pdf: bytes) -> str:
    """The words of a notice in the order in which they are drawn, without what stands at the foot of
    each page and before each line of a list."""
    sheets = ask(pdf, "pdftotext", "-raw").split("\f")[:-1]
    ends = re.compile(r"\S+( \d+)* Page \d+ of \d+$")
    assert all(ends.search(sheet.strip()) for sheet in sheets), "each page says which one it is"
    text = "\n".join(ends.sub("", sheet.strip()) for sheet in sheets)
    lines = (line for line in text.splitlines() if not re.fullmatch(r"•|\d{1,2}\.", line))
    return " ".join(" ".join(lines).split())


def objects(pdf: bytes) -> bytes:
    """The PDF's own objects, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"\n".join(zlib.decompress(one) for one in streams if one.startswith(b"x"))


def codes(pdf: bytes) -> list[str]:
    """What the QR codes on its pages say."""
    with TemporaryDirectory() as folder:
        pages = f"{folder}/page"
        subprocess.run(["pdftoppm", "-r", "150", "-png", "-", pages], input=pdf, check=True)
        pictures = sorted(map(str, Path(folder).iterdir()))
        command = ["zbarimg", "--quiet", "--raw", *pictures]
        read = subprocess.run(command, capture_output=True, check=False)  # 4: there is none
    return read.stdout.decode().splitlines()


def letters(text: str) -> str:
    """Text without its spaces: a long word is broken where the line ends."""
    return "".join(text.split())
