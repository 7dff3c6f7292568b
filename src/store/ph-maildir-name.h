#pragma once

#include <glib.h>

#include "ph-mailbox.h"

G_BEGIN_DECLS

/**
 * PhMaildirName:
 *
 * The name of a message's file taken apart: BASE,S=SIZE,W=SIZE:2,LETTERS.  A plain
 * value that borrows from the name it was parsed from.  What other programs put
 * there is kept: unknown fields are part of the base, unknown letters stay.
 */
typedef struct
{
  const char *base; /* up to ":2," or the end; what a message is known by while its flags change */
  gsize       base_length;
  const char *letters; /* after ":2,"; "" where there is none */
  gboolean    has_info;
  gint64      time;         /* the leading number, or 0 */
  gint64      size;         /* S=, or -1 */
  gint64      virtual_size; /* W=, or -1 */
} PhMaildirName;

/* FALSE for a name that is no message: empty, hidden, too long, with a "/". */
gboolean ph_maildir_name_parse (const char    *name,
                                PhMaildirName *parsed);

/* System flags among the letters. */
PhFlags ph_maildir_flags_from_letters (const char *letters);

/* Of the keywords that a folder has names for (at most 26): a for the first. */
guint64 ph_maildir_keywords_from_letters (const char *letters,
                                          guint       n_keywords);

/* The letters of `flags` and `keywords`, and those of `others` that mean neither, sorted
 * as Maildir wants them.  At most 64. */
char *ph_maildir_letters_from_flags (PhFlags     flags,
                                     guint64     keywords,
                                     guint       n_keywords,
                                     const char *others);

/* A base that no other message ever had: TIME.MmicrosecondsPpidQcount.posthouse,S=,W=.
 * `now` is real time in microseconds.  Any thread. */
char *ph_maildir_name_new (gint64  now,
                           guint64 size,
                           guint64 virtual_size);

/* The same for an accepted message that a crash may bring up again: the same name each time.
 * `record` is its id, `seconds` its internal date. */
char *ph_maildir_name_new_for_record (gint64  seconds,
                                      guint64 record,
                                      guint64 size,
                                      guint64 virtual_size);

G_END_DECLS
