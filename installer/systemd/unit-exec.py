#!/usr/bin/env python3
"""The two steps of run-as-unit.sh that a shell cannot do.

unit-exec.py listen UNIT.socket -- COMMAND...    opens the unit's socket as descriptor 3 and runs the command
unit-exec.py filter UNIT.service -- COMMAND...   puts the unit's system call filter on this process and runs the command
"""
import ctypes
import errno
import os
import pwd
import re
import socket
import stat
import subprocess
import sys

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EQUAL, MASKED_EQUAL = 4, 7
NAMESPACES = 0x7E020080  # every CLONE_NEW flag that clone(2) takes
PROT_WRITE, PROT_EXEC = 2, 4


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def settings(path):
    """Every value of every key, in order."""
    found = {}
    with open(path, encoding="utf-8") as unit:
        for line in unit:
            match = re.match(r"([A-Za-z]+)=(.*)", line)
            if match:
                found.setdefault(match[1], []).append(match[2].strip())
    return found


def group(name):
    """The system calls of a group, those of its groups included; a name of a call is itself."""
    if not name.startswith("@"):
        return {name}
    lines = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
    words = [line.strip() for line in lines.splitlines()[1:]]
    return set().union(*(group(word) for word in words if word and not word.startswith("#")))


def allowed(values):
    """What is left when the values are applied in order, as systemd does with a first value that allows."""
    calls = group("@default")
    for value in values:
        for name in value.removeprefix("~").split():
            calls = calls - group(name) if value.startswith("~") else calls | group(name)
    return calls


class Filter:
    def __init__(self):
        self.library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(ERRNO | errno.EPERM)))

    def rule(self, action, name, *compares):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # not a call of this architecture
        array = (Compare * len(compares))(*compares)
        result = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(compares), array)
        if result != 0:
            raise OSError(-result, f"no rule for {name}: {os.strerror(-result)}")

    def load(self):
        result = self.library.seccomp_load(self.context)
        if result != 0:
            raise OSError(-result, "the filter is refused: " + os.strerror(-result))


def put_filter(unit):
    values = settings(unit)
    calls = allowed(values["SystemCallFilter"])
    narrowed = Filter()
    if "RestrictAddressFamilies" in values:
        for family in values["RestrictAddressFamilies"][-1].split():
            narrowed.rule(ALLOW, "socket", Compare(0, EQUAL, int(getattr(socket, family)), 0))
        calls.discard("socket")
    if values.get("RestrictNamespaces") == ["yes"]:
        narrowed.rule(ALLOW, "clone", Compare(0, MASKED_EQUAL, NAMESPACES, 0))
        narrowed.rule(ERRNO | errno.ENOSYS, "clone3")  # its flags are in memory; callers fall back to clone
        calls -= {"clone", "clone3", "unshare", "setns"}
    if values.get("MemoryDenyWriteExecute") == ["yes"]:
        for protection in (0, PROT_WRITE, PROT_EXEC):
            narrowed.rule(ALLOW, "mmap", Compare(2, MASKED_EQUAL, PROT_WRITE | PROT_EXEC, protection))
        for call in ("mprotect", "pkey_mprotect"):
            narrowed.rule(ALLOW, call, Compare(2, MASKED_EQUAL, PROT_EXEC, 0))
        calls -= {"mmap", "mprotect", "pkey_mprotect", "shmat"}
    for call in sorted(calls):
        narrowed.rule(ALLOW, call)
    narrowed.load()


def listen(unit):
    values = settings(unit)
    path = values["ListenStream"][-1]
    os.makedirs(os.path.dirname(path), mode=int(values["DirectoryMode"][-1], 8), exist_ok=True)
    if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
        os.unlink(path)
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened.bind(path)
    os.chmod(path, int(values["SocketMode"][-1], 8))
    os.chown(path, pwd.getpwnam(values["SocketUser"][-1]).pw_uid, -1)
    opened.listen(int(values["Backlog"][-1]))
    os.dup2(opened.detach(), 3)
    os.set_inheritable(3, True)  # dup2 of 3 to itself does nothing


def main():
    if len(sys.argv) < 5 or sys.argv[1] not in ("listen", "filter") or sys.argv[3] != "--":
        sys.exit(__doc__)
    if sys.argv[1] == "listen":
        listen(sys.argv[2])
    else:
        if os.path.exists(sys.argv[2].removesuffix(".service") + ".socket"):
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        put_filter(sys.argv[2])
    os.execvp(sys.argv[4], sys.argv[4:])


main()
