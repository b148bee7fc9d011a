"""`python -m idlink.env_file PATH [--demo]`: write a settings file with fresh secrets, never over another.

Reads no settings, since it makes what they need.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


def main() -> int:
    """Run the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--demo", action="store_true", help="settings for the demo, all in the file's folder")
    options = parser.parse_args()
    if options.path.exists():
        print(f"{options.path} is there already and stays as it is.")  # noqa: T201
        return 0
    options.path.parent.mkdir(parents=True, exist_ok=True)
    text = demo_settings(options.path.resolve().parent) if options.demo else real_settings()
    with os.fdopen(os.open(options.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    print(f"{options.path} written, with fresh secrets, readable by you only.")  # noqa: T201
    return 0


def real_settings() -> str:
    """Give the text of `.env.example` with fresh secrets filled in."""
    fresh = _fresh()
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line + fresh.get(line.removesuffix("="), "") for line in lines) + "\n"


def demo_settings(folder: Path) -> str:
    """Give settings for a trial installation that lives in one folder."""
    settings = {**_fresh(), "IDLINK_SANDBOX": "1", "IDLINK_HTTPS": "0", "IDLINK_VAR_DIR": str(folder)}
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _fresh() -> dict[str, str]:
    return {"SECRET_KEY": secrets.token_urlsafe(60), "IDLINK_ENCRYPTION_KEYS": Fernet.generate_key().decode()}


if __name__ == "__main__":
    sys.exit(main())
