#!/usr/bin/env python3
"""Verifies a Skillwarden journal directory or a jsonl export, as docs/journal.md ("Format") says.

    verify_journal.py PATH [--first-key HEX]

Checks numbers, hashes, checkpoint signatures and roots, key rotations and, with the first ratchet
key, every MAC. Stubs of deleted files are followed; chain.state is not read: a cut end is not seen. Exit 0 sound, 1 damaged, 2 usage, 4 unreadable.
"""
import base64, hashlib, hmac, json, os, re, struct, sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519 (RFC 8032)
D = -121665 * pow(121666, -1, P) % P

def add(a, b):  # points as (x, y, z, t) with x = X/Z, y = Y/Z, xy = T/Z
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, d - c, d + c, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, a):
    r = (0, 1, 1, 0)
    while n:
        r, a, n = (add(r, a) if n & 1 else r), add(a, a), n >> 1
    return r

def point(raw):
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != xx or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def signed(key, message, signature):
    if len(signature) != 64 or len(key) != 32:
        return False
    try:
        a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except ValueError:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    p, q = times(s, BASE), add(r, times(k, a))
    return s < L and (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

def queue_records(path):  # a record stands at a multiple of 4 after a word: length, flags
    data, at = open(path, "rb").read(), 0
    while at + 4 <= len(data):
        word = struct.unpack_from("<I", data, at)[0]
        size, end = word & 0x3FFFFFFF, at + 4 + (word & 0x3FFFFFFF)
        if word == 0 or word >> 31 or end > len(data):  # unwritten, unfinished or impossible
            again = re.search(rb'\{"v":', data[at + 4:])
            if again is None and end <= len(data):
                return
            yield at, None
            if again is None:
                return
            at = max(at + 4, at + again.start())
            continue
        if not word >> 30:
            yield at, data[at + 4:end]
        at = end + 3 & -4

RECORD = re.compile(rb'(\{"v":2,"seq":(0|[1-9][0-9]{0,17}),.*),"hash":"([0-9a-f]{64})"(?:,"mac":"([0-9a-f]{64})")?\}', re.S)
def b64(text): return base64.b64decode(text, validate=True)

class Verifier:
    def __init__(self, first_key):
        self.old_key, self.since = None, 0
        self.seq, self.prev, self.key, self.names, self.first_key = None, None, None, None, first_key
        self.on, self.ratchet, self.at, self.hashes = False, None, 0, {}
        self.records, self.notes, self.findings, self.trusted = 0, 0, [], True
        self.stubs = {}

    def bad(self, where, seq, kind, what):
        self.findings.append(f"{where}: seq {seq}: {kind}: {what}")

    def start(self, where, side, last_hash):  # a sidecar, or the stub of a file that was deleted
        if self.seq is not None and (self.seq + 1, self.prev.hex()) != (side["first"], side["before_hash"]):
            self.bad(where, self.seq + 1, "retention", f"the stub covers {side['first']} to {side['last']}")
        for line in side["keys"]:
            entry = json.loads(line)
            if self.take_key(where, entry["seq"], entry["kind"], entry["facts"]):
                self.on, self.at = entry["facts"]["ratchet"] == "on", entry["seq"] + 1
                self.ratchet = self.first_key
        self.seq, self.prev = side["last"] if last_hash else side["first"] - 1, bytes.fromhex(last_hash or side["before_hash"])
        self.hashes[self.seq] = self.prev

    def record(self, where, line):
        if line is not None and line.startswith(b'{"v":1,') and not self.records:
            return  # before the genesis; it has no hash
        match = line and RECORD.fullmatch(line)
        if not match:
            self.seq, self.prev = None if self.seq is None else self.seq + 1, None  # counts as one record
            return self.bad(where, self.seq, "unreadable", "no record of version 2")
        seq, found = int(match[2]), bytes.fromhex(match[3].decode())
        entry = json.loads(line)
        kind, facts, jumped = entry["kind"], entry.get("facts", {}), False
        if self.seq is None:
            self.prev = bytes(32) if kind == "enroll" else self.prev
            if kind != "enroll" and self.key is None:
                self.bad(where, 1, "missing", f"begins with {seq}, not with a genesis")
        elif kind == "journal-lost":
            self.bad(where, self.seq + 1, "lost", f"{facts.get('count')} numbers, says the journal")
        elif seq <= self.seq:
            return self.bad(where, seq, "duplicate", f"{seq} stands after {self.seq}")
        elif seq != self.seq + 1:
            jumped = True
            self.bad(where, self.seq + 1, "missing", f"{self.seq + 1} to {seq - 1}")
        body = match[1] + b"}"
        right = True
        if self.prev is not None and not jumped:
            right = hashlib.sha256(b"\2" + seq.to_bytes(8, "big") + self.prev + body).digest() == found
            if not right:
                self.bad(where, seq, "hash", "not of these bytes and the record before")
        self.seq, self.prev, self.records = seq, found, self.records + 1
        self.hashes[seq] = found
        if kind == "journal-lost" and "key_record" in facts and right:
            again = json.loads(facts["key_record"])  # the rotation among the lost ones, said again
            if int(facts["from"]) <= again["seq"] <= int(facts["to"]) and again["kind"] == "key-rotation":
                self.take_key(where, again["seq"], again["kind"], again["facts"])
                self.on, self.ratchet = again["facts"]["ratchet"] == "on", None
        if self.on and not match[4]:
            self.bad(where, seq, "mac-missing", "the ratchet is on")
        elif self.on and self.ratchet and right and not jumped:
            if seq - self.at > 10**7:
                raise ValueError("too many numbers are missing to turn the ratchet")
            while self.at < seq:
                self.ratchet, self.at = hashlib.sha256(b"E" + self.ratchet).digest(), self.at + 1
            if hmac.new(self.ratchet, found, "sha256").hexdigest() != match[4].decode():
                self.bad(where, seq, "mac", "not of the ratchet key of this number")
        if kind in ("enroll", "key-rotation") and self.take_key(where, seq, kind, facts, right):
            self.on, self.at = facts.get("ratchet") == "on", seq + 1
            self.ratchet, self.first_key = self.first_key, None  # known for the first one only
        if kind == "retention" and self.stubs.get(facts["file"]) not in (None, facts["stub_sha256"]):
            self.bad(where, seq, "retention", "the stub is not the one this record names")
        if kind == "checkpoint" and right:
            self.checkpoint(where, seq, facts.get("note", ""), seq)

    def take_key(self, where, seq, kind, facts, right=True):
        names, new = (facts.get("device"), facts.get("install")), facts.get("public_key", "")
        if kind == "enroll" and self.key is not None:
            self.trusted = False
            self.bad(where, seq, "genesis", "a second one")
            return False
        if kind == "key-rotation" and right:
            old = facts.get("previous_key", "")
            lines = "\n".join(("skillwarden key rotation v2", *map(str, names), str(seq), old, new,
                               facts.get("sealed_key", "-"), "")).encode()
            if not ((self.key is None or (b64(old), names) == (self.key, self.names))
                    and signed(b64(new), lines, b64(facts.get("signature", "")))
                    and signed(b64(old), lines, b64(facts.get("previous_signature", "")))):
                self.trusted = False
                self.bad(where, seq, "rotation", "not signed by the key in use and the new one")
        self.old_key, self.since, self.key, self.names = self.key, seq, b64(new), names
        return True

    def checkpoint(self, where, seq, note, limit):
        text, _, signatures = note.rpartition("\n\n")
        lines = text.split("\n")
        origin = "skillwarden/%s/%s" % (self.names or ("?", "?"))
        if self.key is None or not self.trusted:
            return
        good, size = False, int(lines[1]) if len(lines) > 2 and lines[1].isdigit() else 0
        key = self.old_key if size <= self.since and self.old_key else self.key
        for line in signatures.splitlines():
            name, _, value = line[2:].rpartition(" ")
            key_id = hashlib.sha256(origin.encode() + b"\n\1" + key).digest()[:4]
            if name == origin and b64(value)[:4] == key_id:
                good = signed(key, (text + "\n").encode(), b64(value)[4:])
        root = self.hashes.get(size - 1)
        if not good or lines[0] != origin or not 1 <= size <= limit:
            self.bad(where, seq, "checkpoint", "malformed or not signed by the key in use")
        elif root is not None and b64(lines[2]) != root:
            self.bad(where, seq, "checkpoint", f"another root than record {size - 1} has")
        elif root is not None:
            self.notes += 1

def main(arguments):
    first_key = None
    if "--first-key" in arguments[:-1]:
        at = arguments.index("--first-key")
        first_key, arguments = bytes.fromhex(arguments[at + 1]), arguments[:at] + arguments[at + 2:]
    if len(arguments) != 1 or not os.path.exists(arguments[0]):
        print(__doc__, file=sys.stderr)
        return 2
    verifier, path = Verifier(first_key), arguments[0]
    if os.path.isdir(path):
        names = [re.fullmatch(r"((\d{8})F\.cq4(?:\.damaged-(\d+))?)(\.stub\.json)?", n) for n in os.listdir(path)]
        for m in sorted(filter(None, names), key=lambda m: (m[2], int(m[3] or 10**9))):
            if m[4]:
                if not os.path.exists(os.path.join(path, m[1])):
                    stub = open(os.path.join(path, m[0]), "rb").read()
                    verifier.stubs[m[1]] = hashlib.sha256(stub).hexdigest()
                    verifier.start(m[0], json.loads(stub), json.loads(stub)["last_hash"])
                continue
            for position, line in queue_records(os.path.join(path, m[0])):
                verifier.record(f"{m[0]} byte {position}", line)
    else:
        side = json.load(open(path + ".checkpoint", encoding="utf-8"))
        verifier.start("sidecar", side, None)
        with open(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                verifier.record(f"line {number}", line.rstrip(b"\r\n"))
        if (verifier.seq or 0) < side["last"]:
            verifier.bad("the end", (verifier.seq or 0) + 1, "tail", f"goes on to {side['last']}")
        verifier.checkpoint("sidecar", side["last"], side["checkpoint"], side["last"] + 1)
    if verifier.records and not verifier.notes and not verifier.findings:
        verifier.bad(path, 1, "unsigned", "no checkpoint could be checked")
    if not verifier.records:
        verifier.bad(path, 0, "empty", "no chained record")
    for finding in verifier.findings[:20]:
        print(finding)
    macs = "MACs checked" if first_key else "MACs not checked"
    print(f"{'Damaged' if verifier.findings else 'Sound'}: {verifier.records} records,"
          f" {verifier.notes} checkpoints, {macs}, {len(verifier.findings)} findings")
    return 1 if verifier.findings else 0

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as e:
        print(e, file=sys.stderr)
        sys.exit(4)
    except (ValueError, KeyError, TypeError, AttributeError) as e:  # a crafted record
        print(f"Damaged: cannot be read on: {e!r}")
        sys.exit(1)
