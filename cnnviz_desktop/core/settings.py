"""What the program remembers between two runs, as one JSON file that survives versions, crashes and read-only homes."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.recents import Recents
from cnnviz_desktop.core.requests import Device, ParameterValue
from cnnviz_desktop.core.trusted import Trusted, name_trusted_programs

logger = logging.getLogger(__name__)

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: tuple[Migration, ...] = (name_trusted_programs,)
"""One function per version step: the n-th takes the fields of version n to those of version n + 1."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is remembered.

    Attributes:
        geometry: The window's place and size as Qt packs it, in base64.
        layout: The docks' places as Qt packs them, in base64.
        recent_images: Images opened lately.
        recent_networks: Networks opened lately.
        folders: The folder each file dialog was last left in, by the dialog's purpose.
        trusted: Programs that the user allowed to run.
        device: Where to compute.
        colour_map: Name of the colour map of unsigned maps.
        method: Id of the method that explains; empty for the first one.
        parameters: By the id of a method, the values of its parameters that are not the defaults.
        mirrors: Addresses that stand in for the publishers of official weights, the first to be tried first.
    """

    geometry: str = ""
    layout: str = ""
    recent_images: Recents = Recents()
    recent_networks: Recents = Recents()
    folders: dict[str, str] = {}
    trusted: tuple[Trusted, ...] = ()
    device: Device = "auto"
    colour_map: str = ""
    method: str = ""
    parameters: dict[str, dict[str, ParameterValue]] = {}
    mirrors: tuple[str, ...] = ()


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

    def change(self, **changes: object) -> None:
        """Remember other values for some fields and write the file; `problem` says where that failed.

        A value that no file can hold, such as a path that is not Unicode, changes nothing.

        Raises:
            msgspec.ValidationError: A value that its field cannot hold.
        """
        changed = msgspec.structs.replace(self.settings, **changes)
        if changed == self.settings:
            return
        changed = msgspec.convert(msgspec.to_builtins(changed), Settings)
        try:
            content = self._encoded(changed)
        except UnicodeEncodeError as error:
            self.problem = f"{error.object!a} is not Unicode and cannot be remembered. Rename it to find it again here."
            return
        self.settings = changed
        try:
            self._write(content)
        except OutputError as error:
            self.problem = f"{error} So the settings are forgotten when the window closes."
        else:
            self.problem = ""

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
        try:
            for migrate in migrations[max(0, version - 1) :]:
                fields = migrate(fields)
        except Exception:  # whatever a file that somebody edited provokes in a step between versions
            logger.exception("The settings of version %s could not be brought up to date.", version)
            kept, _ = _valid_fields(fields)
            return Settings(**kept), self._kept_aside(f"are of version {version} and can be used in part only")
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

    def _encoded(self, settings: Settings) -> bytes:
        fields = {"version": self._version, **msgspec.to_builtins(settings)}
        return msgspec.json.format(msgspec.json.encode(fields), indent=2)

    def _write(self, content: bytes) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror or error}.") from error
        with replacing(self._path) as file:
            file.write(content)


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
