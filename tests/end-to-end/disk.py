"""What a power cut leaves of the disk, from what recorder.c wrote down.

The strictest reading of POSIX: a file has what its last sync found in it; a name is there once the
directory that it is in was synced, and one that was taken back is there until then.  (A rename
counts as a whole with either of its directories, as on every file system with a journal.)  What
ext4 happens to save beside that is not counted on."""

import collections
import os
import pathlib

SECTOR = 512

Sync = collections.namedtuple("Sync", "call via address")


class File:
    def __init__(self):
        self.bytes = bytearray()
        self.synced = b""
        self.unsynced = []  # (offset or None for a new length, bytes or length) since then
        self.is_directory = False

    def write(self, offset, data, target=None):
        target = self.bytes if target is None else target
        target.extend(bytes(max(0, offset - len(target))))
        target[offset:offset + len(data)] = data

    def truncate(self, length, target=None):
        target = self.bytes if target is None else target
        del target[length:]
        target.extend(bytes(length - len(target)))

    def sync(self):
        self.synced = bytes(self.bytes)
        self.unsynced = []

    def choose(self, kind, chance):
        """What a crash leaves of it: of what was not synced nothing, all, the first, or any; the last of it torn."""
        kept = self.unsynced
        if kind == "first":
            kept = kept[:chance.randint(0, len(kept))]
        elif kind == "any":
            kept = [change for change in kept if chance.random() < 0.5]
        left = bytearray(self.synced)
        for number, (offset, data) in enumerate(kept if kind != "nothing" else []):
            if offset is None:
                self.truncate(data, left)
            elif kind in ("first", "any") and number == len(kept) - 1:
                self.write(offset, data[:chance.randint(0, len(data) // SECTOR + 1) * SECTOR], left)
            else:
                self.write(offset, data, left)
        return left


class Directory:
    def __init__(self):
        self.names = {}
        self.is_directory = True


class Step:
    """Something done to names: [(directory, name, file or None)], in one."""

    def __init__(self, changes):
        self.changes = changes
        self.synced = False

    def apply(self, trees):
        for directory, name, file in self.changes:
            names = trees.setdefault(directory, {})
            if file is not None:
                names[name] = file
            else:
                names.pop(name, None)


def read_log(path):
    """The records: tuples that begin with the position after them and their kind."""
    data = pathlib.Path(path).read_bytes()
    at, records = 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        *fields, length = data[at:end].decode().split("\t")
        at = end + 1 + int(length)
        records.append((at, fields, data[end + 1:at]))
    return records


class Disk:
    """All records up to a position, but for the syncs that `works` says no to."""

    def __init__(self, root_inode, works=lambda sync, is_directory: True):
        self.root = Directory()
        self.files = {root_inode: self.root}
        self.works = works
        self.steps = []

    def make_known(self, inode, name):
        """A directory that was there before."""
        self.files[inode] = Directory()
        self.change((self.root, name, self.files[inode]))
        self.steps[-1].synced = True

    def play(self, records):
        for _, fields, data in records:
            self.play_one(fields[0], fields[1:], data)

    def change(self, *changes):
        step = Step([change for change in changes if change[0] is not None])
        if step.changes:
            self.steps.append(step)
            for directory, name, file in step.changes:
                if file is not None:
                    directory.names[name] = file
                else:
                    directory.names.pop(name, None)

    def get(self, inode):
        return self.files.get(int(inode))

    def play_one(self, kind, fields, data):
        if kind == "W":
            file, offset = self.get(fields[0]), int(fields[1])
            if file is not None:
                file.write(offset, data)
                file.unsynced.append((offset, data))
        elif kind == "T":
            file, length = self.get(fields[0]), int(fields[1])
            if file is not None:
                file.truncate(length)
                file.unsynced.append((None, length))
        elif kind in "UCD":
            made = self.files[int(fields[0])] = Directory() if kind == "D" else File()
            if kind != "U":
                self.change((self.get(fields[1]), fields[2], made))
        elif kind == "L":
            self.change((self.get(fields[1]), fields[2], self.get(fields[0])))
        elif kind == "R":
            source, target = self.get(fields[0]), self.get(fields[1])
            moved = source.names.get(fields[2]) if source is not None else None
            self.change((source, fields[2], None), (target, data.decode(), moved))
        elif kind == "X":
            self.change((self.get(fields[0]), fields[1], None))
        elif kind == "S":
            call, inode, via, address = fields
            file = self.get(inode)
            if self.works(Sync(call, via, int(address, 16)), file is not None and file.is_directory):
                self.sync(call, file)

    def sync(self, call, file):
        if call == "syncfs":
            for step in self.steps:
                step.synced = True
            for each in self.files.values():
                if not each.is_directory:
                    each.sync()
        elif file is not None and file.is_directory:
            for step in self.steps:
                step.synced = step.synced or any(change[0] is file for change in step.changes)
        elif file is not None:
            file.sync()

    def build(self, path, state="synced"):
        """What is there after the cut, as a directory.  Where more was saved than was asked for, that
        may be "all names", or "all bytes"."""
        self.build_steps(path, [step for step in self.steps if step.synced or state == "all names"],
                         lambda file: file.bytes if state == "all bytes" else file.synced)

    def build_chance(self, path, kind, chance):
        """What may be there (File.choose): names in any choice, too."""
        waiting = [step for step in self.steps if not step.synced]
        if kind == "first":
            waiting = waiting[:chance.randint(0, len(waiting))]
        elif kind == "any":
            waiting = [step for step in waiting if chance.random() < 0.5]
        kept = set(waiting if kind != "nothing" else [])
        self.build_steps(path, [step for step in self.steps if step.synced or step in kept], lambda file: file.choose(kind, chance))

    def build_steps(self, path, steps, bytes_of):
        trees = {}
        for step in steps:
            step.apply(trees)
        pathlib.Path(path).mkdir(mode=0o700, parents=True)
        self.build_names(self.root, trees, str(path), {}, bytes_of)

    def build_names(self, directory, trees, path, links, bytes_of):
        for name, file in trees.get(directory, {}).items():
            there = f"{path}/{name}"
            if file.is_directory:
                os.mkdir(there, 0o700)
                self.build_names(file, trees, there, links, bytes_of)
            elif file in links:
                os.link(links[file], there)
            else:
                links[file] = there
                with open(os.open(there, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                    out.write(bytes_of(file))
