"""Every call in src/ that asks for a sync, for test_syncs.py.  As a program: what the table lacks (lint)."""

import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src"
CALL = re.compile(r"\b((?:fsync|fdatasync|syncfs) \((?:[^()]|\([^()]*\))*\)|G_FILE_SET_CONTENTS_DURABLE|PRAGMA synchronous = FULL)")

TABLE = {
    "ph-accepted.c ph_accepted_remove: fsync (dir_fd)": "a record is forgotten before what it has led to is",
    "ph-accepted.c ph_accepted_write: fsync (dir_fd)": "a message for several is accepted by its record",
    "ph-accepted.c write_env: fsync (fd)": "a record is whole",
    "ph-backup-read.c sync_restored: syncfs (fd)": "what was restored is there",
    "ph-backup.c ph_backup_finish: syncfs (fd)": "a backup that has its name is whole",
    "ph-backup.c ph_backup_finish: syncfs (fd) 2": "a backup has its name",
    "ph-copy.c copy_bytes: fsync (fd)": "a copy where a file can have no more links",
    "ph-dkim-key.c write_file: GLib": "a key is whole",
    "ph-export-writer.c ph_export_writer_finish: syncfs (fd)": "what was exported is there",
    "ph-folder-sync.c run: fsync (fd)": "the queue's names",
    "ph-index.c ph_index_open: SQLite": "each commit",
    "ph-maildir.c ph_maildir_make_folder: fsync (self->fd)": "a new folder has its name",
    "ph-maildir.c ph_maildir_open: fsync (domain_fd)": "a new account has its name",
    "ph-maildir.c ph_maildir_open: fsync (mail_fd)": "its domain has",
    "ph-maildir.c ph_maildir_replace_in_folder: fsync (fd)": "the list of UIDs is whole",
    "ph-maildir.c ph_maildir_replace_in_folder: fsync (folder_fd)": "it is there, and so are cur, new, tmp",
    "ph-maildir.c ph_maildir_sync: fsync (open->fd)": "a message has its name",
    "ph-pending.c ph_pending_run_folders: fsync (ph_maildir_get_fd (writer->maildir))": "a folder that was renamed has its new name",
    "ph-queue-files.c copy_message: GLib": "what was given up, where no links can be made",
    "ph-queue-files.c ph_queue_files_save: GLib": "an envelope is whole",
    "ph-queue-files.c sync_parent: fsync (fd)": "the queue's folders have their names",
    "ph-settings-file.c ph_settings_file_write: GLib": "the settings are whole",
    "ph-settings-file.c sync_directory: fsync (fd)": "they are the new ones",
    "ph-spool.c copy_to: fsync (fd)": "a message where no links can be made",
    "ph-spool.c ph_spool_sync: fsync (self->fd)": "a message is whole",
    "ph-store-shared.c sync_made: fsync (above_fd)": "the folder of all mail has its name",
    "ph-store-shared.c sync_made: fsync (dir_fd)": "so have the folders in it",
    "ph-tls-file.c ph_tls_file_save: GLib": "a key is whole",
    "ph-uidlist.c ph_uidlists_reserve: fdatasync (fd)": "no UID is given twice, whatever is lost",
}


# Where another does the same in the course of things: what does not need the other must need one of the two.
PARTNERS = {
    "ph-store-shared.c sync_made: fsync (dir_fd)": "ph-queue-files.c sync_parent: fsync (fd)",
}


def calls():
    """(file, line) → (function, call); one on a line."""
    found = {}
    for path in sorted(SOURCES.rglob("*.c")):
        function = ""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            start = re.match(r"([a-z_0-9]+) \(", line)
            if start:
                function = start.group(1)
            for call in CALL.findall(line):
                if (path.name, number) in found:
                    raise SystemExit(f"{path.name}:{number}: two on one line can't be told apart")
                found[path.name, number] = (function, call)
    return found


def names():
    """(file, line) → the name in the table; the second of the same call in a function has a 2."""
    found, seen = {}, {}
    for (path, line), (function, call) in calls().items():
        if call.startswith("PRAGMA"):
            call = "SQLite"
        elif call.startswith("G_"):
            call = "GLib"
        key = f"{path} {function}: {call}"
        seen[key] = seen.get(key, 0) + 1
        found[path, line] = key + (f" {seen[key]}" if seen[key] > 1 else "")
    return found


def of_place(via, path, line):
    """The name of a sync that was asked for at a line, or by a library that was called there."""
    if "sqlite" in via:
        return next(name for name in names().values() if name.endswith("SQLite"))
    path = pathlib.Path(path).name
    found = names()
    # GLib's call has its flags on one of the next lines.
    return next((found[path, line + n] for n in range(3) if (path, line + n) in found), f"{path}:{line}")


if __name__ == "__main__":
    for missing in sorted(set(names().values()) - set(TABLE)):
        print(f"{missing} is not in the table of {sys.argv[0]}")
    for gone in sorted(set(TABLE) - set(names().values())):
        print(f"{gone} is in the table, and nowhere else")
