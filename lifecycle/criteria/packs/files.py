"""Evidence files that lie beside a pack: are they the ones that the decision rests on?"""

import hashlib
from pathlib import Path
from typing import Any

from lifecycle.criteria.packs.manifest import Misfit

BLOCK = 1 << 20


def files_that_differ(pack: dict[str, Any], folder: Path) -> tuple[int, list[Misfit]]:
    """How many of the pack's files lie in `folder` unchanged, and which lie there with other contents.

    A file is known by its SHA-256, whatever it is called; one with the name of an evidence must be that evidence.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    hashes = {path: _sha256(path) for path in paths}
    there, names = set(hashes.values()), {path.name for path in paths}
    sound, flaws = set(), []
    for place, one in enumerate(pack["evidence"]):
        if one["sha256"] and one["sha256"] in there:
            sound.add(one["sha256"])
        elif one["filename"] and one["filename"] in names:
            flaws.append(Misfit(f"evidence[{place}]", f"the file {one['filename']} has another SHA-256"))
    return len(sound), flaws


def _sha256(path: Path) -> str:
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha.update(block)
    return sha.hexdigest()
