"""What the program remembers between two runs, as one JSON file that survives versions, crashes and read-only homes."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cnnviz_desktop.core.recents import Recents
from cnnviz_desktop.core.requests import Device

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: tuple[Migration, ...] = ()
"""One function per version step: the n-th takes the fields of version n to those of version n + 1."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is remembered.

    Attributes:
        geometry: The window's place and size as Qt packs it, in base64.
        layout: The docks' places as Qt packs them, in base64.
        recent_images: Images opened lately.
        recent_networks: Networks opened lately.
        folders: The folder each file dialog was last left in, by the dialog's purpose.
        trusted: SHA-256 of the Python files that the user allowed to run.
        device: Where to compute.
        colour_map: Name of the colour map of unsigned maps.
    """

    geometry: str = ""
    layout: str = ""
    recent_images: Recents = Recents()
    recent_networks: Recents = Recents()
    folders: dict[str, str] = {}
    trusted: tuple[str, ...] = ()
    device: Device = "auto"
    colour_map: str = ""


class SettingsFile:
    """The settings and the file they live in.

    Attributes:
        settings: What is remembered now.
        problem: One sentence about what was wrong with the file or with writing it; empty where all is well.

    Args:
        path: The file; neither it nor its folder needs to exist.
        migrations: Steps from the first version to this one's.
    """

    def __init__(self, path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self._path = path
        self._version = 1 + len(migrations)
        self.settings, self.problem = self._read(migrations)

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - the fields' own types are checked below
        """Remember other values for some fields and write the file; `problem` says where writing failed.

        Raises:
            msgspec.ValidationError: A value that its field cannot hold.
        """
        changed = msgspec.structs.replace(self.settings, **changes)
        if changed == self.settings:
            return
        self.settings = msgspec.convert(msgspec.to_builtins(changed), Settings)
        try:
            self._write()
        except OSError as error:
            self.problem = (
                f"The settings cannot be written to {self._path} ({error.strerror or error}), so they are forgotten "
                "when the window closes."
            )

    def _read(self, migrations: tuple[Migration, ...]) -> tuple[Settings, str]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Settings(), ""
        except OSError as error:
            return Settings(), f"The settings in {self._path} cannot be read: {error.strerror or error}."
        try:
            fields = msgspec.json.decode(content, type=dict[str, Any])
            version = msgspec.convert(fields.pop("version", 1), int)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return Settings(), self._kept_aside("are damaged, so the defaults hold")
        for migrate in migrations[max(0, version - 1) :]:
            fields = migrate(fields)
        kept, dropped = _valid_fields(fields)
        if version > self._version:
            return Settings(**kept), self._kept_aside("come from a newer version; what is known of them holds")
        if dropped:
            return Settings(**kept), self._kept_aside(f"hold what cannot be used ({', '.join(dropped)})")
        return Settings(**kept), ""

    def _kept_aside(self, what: str) -> str:
        backup = self._path.with_name(f"{self._path.name}.bak")
        sentence = f"The settings in {self._path} {what}."
        try:
            backup.write_bytes(self._path.read_bytes())
        except OSError:
            return sentence
        return f"{sentence} The old file is kept as {backup.name}."

    def _write(self) -> None:
        """Write a neighbour and rename it: a crash or a full disk leaves the old file or the new one."""
        fields = {"version": self._version, **msgspec.to_builtins(self.settings)}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(fields), indent=2))
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _valid_fields(fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that `Settings` can hold, and the names of the others."""
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    kept, dropped = {}, []
    for name, value in fields.items():
        try:
            kept[name] = msgspec.convert(value, types[name])
        except (KeyError, msgspec.ValidationError):
            dropped.append(name)
    return kept, dropped
