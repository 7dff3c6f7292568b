#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Identifiers that outlive the index (RFC 8474).  Functions only.
 *
 * A message is known by a text of its own, the name of its file when it was first
 * stored, which all its copies share; a thread by the Message-ID it began with; a folder
 * by 32 random hexadecimal digits.  Texts are kept as 63-bit numbers: with a million
 * messages, two have the same with a probability of 1 in 20 million. */

/* Room for one that is formatted, with its NUL. */
#define PH_OBJECT_ID_SIZE 40

/* Length of a folder's, without the NUL. */
#define PH_FOLDER_GUID_LENGTH 32

/* Never 0. */
gint64 ph_object_id_hash (const char *text,
                          gsize       length);

/* "M0123456789abcdef": what IMAP shows; `kind` is one capital letter. */
void ph_object_id_format (char    kind,
                          guint64 number,
                          char    out[PH_OBJECT_ID_SIZE]);

/* FALSE for what ph_object_id_format() does not make of that kind. */
gboolean ph_object_id_parse (char        kind,
                             const char *text,
                             guint64    *number);

/* A new one for a folder. */
char *ph_object_id_new_guid (void);

G_END_DECLS
