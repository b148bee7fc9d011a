"""`make sbom`: what idlink is made of, as a CycloneDX 1.6 document, from the lock alone.

The document holds no time and no random number, so the same lock gives the same document.
"""

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from tests.supply.lock import ROOT, RUN_TIME, Pin, pins_of


def document(lock: Path) -> dict[str, Any]:
    """Give the document: one component a package, and which package needs which."""
    pins = pins_of(lock)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    root = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "idlink"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, lock.read_text())}",
        "version": 1,
        "metadata": {"component": {**root, "description": project["description"]}},
        "components": [_component(pin) for pin in pins],
        "dependencies": _dependencies(pins),
    }


def purl(pin: Pin) -> str:
    """Give the package's address in the language of package URLs."""
    return f"pkg:pypi/{pin.name}@{pin.version}"


def _component(pin: Pin) -> dict[str, Any]:
    properties = [{"name": "idlink:sha256", "value": value} for value in pin.hashes]
    if pin.marker:
        properties.append({"name": "idlink:only-if", "value": str(pin.marker)})
    told = {"type": "library", "name": pin.name, "version": pin.version, "purl": purl(pin), "bom-ref": purl(pin)}
    return {**told, "properties": properties}


def _dependencies(pins: list[Pin]) -> list[dict[str, Any]]:
    needs: dict[str, list[str]] = {"idlink": [], **{pin.name: [] for pin in pins}}
    for pin in pins:
        for wanting in pin.wanted_by:
            needs[wanting if wanting in needs else "idlink"].append(purl(pin))
    refs = {"idlink": "idlink", **{pin.name: purl(pin) for pin in pins}}
    return [{"ref": refs[name], "dependsOn": sorted(of)} for name, of in needs.items()]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(document(RUN_TIME), indent=1) + "\n")
    print(f"{sys.argv[1]} lists {len(pins_of(RUN_TIME))} packages.")
