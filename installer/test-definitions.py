#!/usr/bin/env python3
"""Checks the installers that cannot be run here: XML, places, scripts. installer/test-definitions.py; exit code 1 with every problem."""
import pathlib
import plistlib
import re
import subprocess
import sys
import xml.etree.ElementTree as Xml

HERE = pathlib.Path(__file__).resolve().parent
HOME = (HERE.parent / "daemon/src/main/java/dev/skillwarden/daemon/Home.java").read_text()
problems = []


def want(condition, problem):
    if not condition:
        problems.append(problem)


def text(name):
    return (HERE / name).read_text()


def places(start, end):
    """What Home.system resolves for one operating system."""
    return re.findall(r'resolve\("([^"]+)"\)', HOME[HOME.index(start) : HOME.index(end, HOME.index(start))])


for path in [*HERE.rglob("*.plist"), *HERE.rglob("*.xml"), *HERE.rglob("*.wxs")]:
    try:
        Xml.parse(path)
    except Xml.ParseError as error:
        problems.append(f"{path.name}: {error}")

library, state, config, run = places("if (MAC) {", "}")
library = "/" + library
daemon = plistlib.loads((HERE / "macos/dev.skillwarden.daemon.plist").read_bytes())
want(daemon["WorkingDirectory"] == f"{library}/{state}", "the LaunchDaemon works elsewhere than in the state")
want(daemon["ProgramArguments"][1:] == ["start", "--foreground", "--system"], "the LaunchDaemon starts something else")
want(daemon["UserName"] == "_skillwarden", "the LaunchDaemon has another account")
want(daemon["HardResourceLimits"]["Core"] == 0, "the LaunchDaemon may leave core files")
made = plistlib.loads((HERE / "macos/dev.skillwarden.run.plist").read_bytes())["ProgramArguments"][-1]
want(made == f"/{run}", f"made at boot is {made}, the daemon's is /{run}")
script = text("macos/postinstall")
want(f'library="{library}"' in script, "postinstall has another library directory")
for made in (f'"$library/{state}"', f'"$library/{state}-public"', f'"$library/{config}"', f"/{run}"):
    want(made in script, f"postinstall does not make {made}")
want(f'library="{library}"' in text("macos/uninstall.sh"), "uninstall.sh has another library directory")
refs = {ref.get("id") for ref in Xml.parse(HERE / "macos/Distribution.xml").iter("pkg-ref")}
want(refs == {"dev.skillwarden"}, f"Distribution.xml names {refs}")
for name in ("build-pkg.sh", "uninstall.sh"):
    want("dev.skillwarden" in text(f"macos/{name}"), f"{name} has another identifier")

state, config, run = places("return new Home(\n        Mode.SYSTEM,\n        base.resolve(\"var", ");\n  }")
unit = text("systemd/skillwarden.service")
for line in (
    f"StateDirectory={state.removeprefix('var/lib/')}",
    f"RuntimeDirectory={run.removeprefix('run/')}",
    f"ReadWritePaths=/{state}-public",
    f"ConfigurationDirectory={config.removeprefix('etc/')}",
    "ExecStart=/opt/skillwarden/bin/skillwarden start --foreground --system",
    "User=skillwarden",
    "CapabilityBoundingSet=",
    "LimitCORE=0",
):
    want(f"\n{line}\n" in unit, f"the unit wants the line {line}")
want(not re.search(r"^(CPUQuota|MemoryMax|IOReadBandwidthMax)=", unit, re.M), "the unit has a quota")
want(not re.search(r"^(PrivateTmp|PrivateUsers|ProtectHome)=(?!no$)", unit, re.M), "the unit hides paths of the agent")
for script in ("postinst", "postrm"):
    want(f"/{state}" in text(f"debian/{script}"), f"{script} has another state directory")

namespace = {"w": "http://schemas.microsoft.com/wix/2006/wi"}
wix = Xml.parse(HERE / "windows/skillwarden.wxs").getroot()
components = {c.get("Id") for c in wix.iterfind(".//w:Component", namespace)}
features = {c.get("Id") for c in wix.iterfind(".//w:Feature/w:ComponentRef", namespace)}
want(components == features, f"components {components} and those of the feature {features}")
directories = {d.get("Id") for d in wix.iterfind(".//w:Directory", namespace)}
for reference in wix.iterfind(".//w:DirectoryRef", namespace):
    want(reference.get("Id") in directories, f"no directory {reference.get('Id')}")
guids = [c.get("Guid") for c in wix.iterfind(".//w:Component", namespace)]
want(len(set(guids)) == len(guids), "two components have one identifier")
service = wix.find(".//w:ServiceInstall", namespace)
want(service.get("Arguments") == "start --foreground --system", "the Windows service starts something else")

for path in [*HERE.rglob("*.sh"), *(HERE / "debian").glob("p*"), *(HERE / "macos").glob("p*install")]:
    shell = path.open().readline().strip().split("/")[-1].split(" ")[-1]
    checked = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    want(checked.returncode == 0, f"{path.name}: {checked.stderr}")
    want(path.stat().st_mode & 0o111, f"{path.name} cannot be executed")

print("\n".join(problems) or "definitions: sound")
sys.exit(1 if problems else 0)
