#!/usr/bin/env python3
"""Packs every jar of a directory again: entries stored instead of deflated, in their order, with one fixed time."""
import pathlib
import sys
import zipfile

for jar in sorted(pathlib.Path(sys.argv[1]).glob("*.jar")):
    packed = jar.with_suffix(".new")
    with zipfile.ZipFile(jar) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), old.read(entry))
    packed.replace(jar)
