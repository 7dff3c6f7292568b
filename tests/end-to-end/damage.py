"""An index that goes bad while a server has it open (V44)."""

import contextlib
import os
import sqlite3

PAGE = 4096


def find_rows(index):
    """Where in the file the rows of the messages begin; of an index that no server has."""
    with contextlib.closing(sqlite3.connect(index)) as database:
        root, = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()
    return (root - 1) * PAGE


def spoil(index, start=PAGE, length=None):
    """What no page can be: as far as `length`, or to its end."""
    with open(index, "r+b") as file:
        length = length or file.seek(0, os.SEEK_END) - start
        file.seek(start)
        file.write(b"\xff" * length)
