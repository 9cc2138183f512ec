"""`manage.py verify_pack FILE [--files DIR]`: is this gate pack what it says? Reads the file, nothing else."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lifecycle.criteria.packs import Unreadable, files_that_differ, read_pack, verify_pack

NOT_SOUND, REFUSED = 1, 2
LARGEST = 64 << 20


class Command(BaseCommand):
    help = "Check a gate pack (JSON) offline: hashes, votes, decision, journal. Exit 0 sound, 1 not, 2 unreadable."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--files", type=Path, metavar="DIR", help="evidence files that lie beside it: compare them")

    def handle(self, *args: Any, **options: Any) -> None:
        pack, folder = self._read(options["file"]), options["files"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is no folder.", returncode=REFUSED)
        flaws = verify_pack(pack)
        sound = None
        if folder is not None and isinstance(pack.get("evidence"), list) and not flaws:
            sound, others = files_that_differ(pack, folder)
            flaws += others
        for flaw in flaws:
            # A forged pack may hold what no terminal can write.
            self.stdout.write(str(flaw).encode(errors="backslashreplace").decode())
        if flaws:
            raise CommandError(f"{len(flaws)} things do not fit.", returncode=NOT_SOUND)
        self._tell(pack, sound)

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path} is larger than any pack.", returncode=REFUSED)
            return read_pack(path.read_bytes())
        except (OSError, Unreadable) as broken:
            raise CommandError(f"{path} cannot be read: {broken}", returncode=REFUSED) from broken

    def _tell(self, pack: dict[str, Any], sound: int | None) -> None:
        gate, decision = pack["gate"], pack["decision"]
        self.stdout.write(f"sound: {pack['project']['key']}, {gate['stage']}, {decision['decision']}")
        self.stdout.write(f"packet {decision['packet']}")
        self.stdout.write(f"pack   {pack['manifest']['digest']}")
        withheld = sum(1 for entry in pack["journal"] if entry["withheld"])
        if withheld:
            self.stdout.write(f"{withheld} journal entries come without their fields: their hashes were not computed")
        if sound is not None:
            files = {one["sha256"] for one in pack["evidence"] if one["kind"] == "file"}
            self.stdout.write(f"{sound} of {len(files)} evidence files lie there unchanged")
