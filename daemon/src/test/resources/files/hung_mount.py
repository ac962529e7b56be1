"""Mounts a FUSE file system that nobody serves, and runs a command that keeps it so.

hung_mount.py DIRECTORY COMMAND...: run it in a mount namespace of its own. Whoever looks at DIRECTORY waits until the
command ends: the descriptor goes with it, and the kernel gives the file system up.
"""
import ctypes
import os
import sys

directory, command = sys.argv[1], sys.argv[2:]
fuse = os.open("/dev/fuse", os.O_RDWR)
os.set_inheritable(fuse, True)
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other"
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"hung", directory.encode(), b"fuse", 0, options.encode()) != 0:
    sys.exit(f"cannot mount at {directory}: {os.strerror(ctypes.get_errno())}")
os.execvp(command[0], command)
