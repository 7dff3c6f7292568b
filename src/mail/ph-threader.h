#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A chain that would be deeper is cut there (V09). */
#define PH_THREADER_DEPTH_MAX 1000

/**
 * PhThreader:
 *
 * Groups messages into threads as RFC 5256 section 3 says: by subject alone
 * (ORDEREDSUBJECT) or by references and then subject (REFERENCES).  Messages are added in
 * the order of the mailbox, then it is formed once.  Owned by whoever made it; no
 * recursion, whatever the mail refers to.
 */
typedef struct _PhThreader PhThreader;

/* One message, or (number 0) a place where one is missing, in the order of a walk that
 * tells parents before children. */
typedef struct
{
  guint32 number;
  guint   n_children;
} PhThreadNode;

PhThreader *ph_threader_new (void);
void        ph_threader_free (PhThreader *self);

/* `subject` is a base subject as compared, `date` the time it was sent.  `message_id` may be
 * NULL, `references` (oldest first, NULL-terminated) too; both without "<" and ">". */
void ph_threader_add (PhThreader        *self,
                      guint32            number,
                      gint64             date,
                      const char        *subject,
                      gboolean           is_reply,
                      const char        *message_id,
                      const char *const *references);

/* Arrays of PhThreadNode; transfer full.  A node of number 0 is always a root. */
GArray *ph_threader_form_references (PhThreader *self);
GArray *ph_threader_form_by_subject (PhThreader *self);

/* The ids of a References or Message-ID value: what stands between "<" and ">".  At most
 * `max`, the last ones; NULL-terminated, transfer full. */
char **ph_threader_parse_ids (const char *value,
                              guint       max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhThreader, ph_threader_free)

G_END_DECLS
