"""Files of sound, of any kind, made for a test."""

import subprocess
from pathlib import Path

SINE = ("-f", "lavfi", "-i", "sine=440:duration=2")


def made(path: Path, *what: str) -> Path:
    """What ffmpeg makes of it, in the format that the name says."""
    command = ["ffmpeg", "-y", "-nostdin", "-loglevel", "error", *what, str(path)]
    subprocess.run(command, check=True)
    return path
