"""Paper from HTML: WeasyPrint in a child process with limits, so that no page can take the server's memory or time.

The child reads HTML on its standard input and writes the PDF to its standard output. It fetches nothing from anywhere:
addresses under ORIGIN are files of the product's own `static/`, every other address is refused.
"""

import mimetypes
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError

# A name that can belong to nobody (RFC 2606): it stands for the folder `static/`.
ORIGIN = "https://static.invalid/"
ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60
MEMORY = 1 << 30


class PdfNotAvailable(DomainError):
    status = 503
    code = "pdf_not_available"
    title = _("This server cannot make a PDF now")


def render_pdf(html: str) -> bytes:
    """The document as A4 pages, about a second. Raises PdfNotAvailable where Pango lacks or the limits are met."""
    command = [sys.executable, "-m", "common.pdf"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the document comes on standard input
            command, input=html.encode(), capture_output=True, cwd=ROOT, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise PdfNotAvailable(_("It took longer than a minute; the JSON holds the same.")) from slow
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise PdfNotAvailable(_("The library Pango may be missing on the server; the JSON holds the same."))
    return done.stdout


def _own(address: str) -> Path:
    """The file of the product that an address under ORIGIN names. Raises ValueError for everything else."""
    path = (ROOT / "static" / address.removeprefix(ORIGIN)).resolve()
    if not address.startswith(ORIGIN) or not path.is_relative_to(ROOT / "static"):
        raise ValueError("nothing is fetched from elsewhere")
    return path


def _fetcher() -> Any:
    urls = import_module("weasyprint.urls")

    class OwnFilesOnly(urls.URLFetcher):  # type: ignore[name-defined,misc]  # imported only in the child
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = _own(url)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFilesOnly()


def main() -> None:
    """Run as the child."""
    resource = import_module("resource")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    html = sys.stdin.buffer.read().decode()
    made = import_module("weasyprint").HTML(string=html, url_fetcher=_fetcher(), base_url=ORIGIN)
    sys.stdout.buffer.write(made.write_pdf())


if __name__ == "__main__":
    main()
