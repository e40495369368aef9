"""Draw the PDFs of this folder again from `sources/`, with whichever of the programs are there.

    python tests/data/foreign/draw.py [NAME.pdf ...]

The tests never run this; the PDFs are kept. See README.md for the programs and their versions.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from office import KINDS, flat_document

FOLDER = Path(__file__).parent
TIMEOUT_S = 300


def chromium(source: Path, pdf: Path) -> None:
    """Print a page as Chromium does."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-pdf-tagging", "--no-pdf-header-footer"]
    _run(["chromium", *options, f"--print-to-pdf={pdf}", str(source)])


def weasyprint(source: Path, pdf: Path) -> None:
    """Print a page as WeasyPrint does."""
    _run([sys.executable, "-m", "weasyprint", str(source), str(pdf)])


def writer(source: Path, pdf: Path) -> None:
    """Draw the tables as LibreOffice Writer does."""
    _office(source, pdf, "text", ["pdf"])


def word(source: Path, pdf: Path) -> None:
    """The same by way of a Word document."""
    _office(source, pdf, "text", ["docx:MS Word 2007 XML", "pdf"])


def calc(source: Path, pdf: Path) -> None:
    """Draw the first table as LibreOffice Calc does."""
    _office(source, pdf, "spreadsheet", ["pdf"])


PROGRAMS = {"chromium": chromium, "weasyprint": weasyprint, "writer": writer, "word": word, "calc": calc}


def _office(source: Path, pdf: Path, kind: str, formats: list[str]) -> None:
    """Write an office document, and convert it from one format to the next."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / f"{source.stem}.{KINDS[kind]}"
        document.write_text(flat_document(source.read_text(encoding="utf-8"), kind), encoding="utf-8")
        for target in formats:
            profile = f"-env:UserInstallation={Path(folder).as_uri()}/profile"
            command = ["soffice", "--headless", profile, "--convert-to", target, "--outdir", folder]
            _run([*command, str(document)])
            document = document.with_suffix(f".{target.partition(':')[0]}")
        shutil.move(document, pdf)


def _pack(pdf: Path) -> None:
    """Make a PDF smaller, where qpdf is there; what it draws stays the same."""
    if shutil.which("qpdf"):
        options = ["--object-streams=generate", "--recompress-flate", "--compression-level=9", "--deterministic-id"]
        _run(["qpdf", *options, "--replace-input", str(pdf)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, timeout=TIMEOUT_S, capture_output=True)


def _missing(program: str) -> bool:
    if program == "weasyprint":
        return importlib.util.find_spec("weasyprint") is None
    return shutil.which("chromium" if program == "chromium" else "soffice") is None


def main(names: list[str]) -> None:
    """Draw the named PDFs, or all that there are: NAME.PROGRAM.pdf is sources/NAME.html drawn by PROGRAM."""
    for pdf in [FOLDER / name for name in names] or sorted(FOLDER.glob("*.pdf")):
        name, program, _ = pdf.name.split(".")
        if _missing(program):
            sys.stdout.write(f"{pdf.name}: {program} is not here\n")
            continue
        PROGRAMS[program](FOLDER / "sources" / f"{name}.html", pdf)
        _pack(pdf)
        sys.stdout.write(f"{pdf.name}: {pdf.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
