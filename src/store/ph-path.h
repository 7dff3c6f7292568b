#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limits of a folder's name. */
#define PH_FOLDER_LEVEL_BYTES_MAX 255
#define PH_FOLDER_NAME_BYTES_MAX 1000
#define PH_FOLDER_LEVELS_MAX 32

/* NAME_MAX of every file system that we care for. */
#define PH_PATH_COMPONENT_MAX 255

/* The one place where a name from outside becomes a name on disk (V17).  Every
 * result is a single path component: no "/", no NUL, never "." or "..", at most
 * 255 bytes.  Functions only. */

/* A domain or a local part: bytes that mean something to a shell or a file system
 * become %XX, so does a dot at the start.  NULL where it is empty or too long. */
char *ph_path_encode_component (const char *text);

/* The directory of a folder in a Maildir++: ".Work.Caf&AOk-"; a dot or backslash
 * inside a level is \2e or \5c as Dovecot's listescape has it.  "." for INBOX.
 * `name` is normalised.  NULL where it would be too long for a file system. */
char *ph_path_encode_folder (const char *name);

/* The name of the folder in a directory of that name, or NULL for one that
 * ph_path_encode_folder() would not have made. */
char *ph_path_decode_folder (const char *directory);

G_END_DECLS
