#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Recipients of one test message. */
#define PH_MAIL_DRAFT_RECIPIENTS_MAX 100

/**
 * PhMailDraft:
 *
 * A message that somebody wrote in the window, as they typed it.  A plain struct.
 */
typedef struct
{
  char  *from;       /* the address of an account here */
  char  *to;         /* as in a header field: "Ann <ann@example.org>, bob@example.org" */
  char  *subject;    /* UTF-8, as all of it */
  char  *body;       /* lines end with LF */
  GFile *attachment; /* or NULL */
} PhMailDraft;

PhMailDraft *ph_mail_draft_copy (const PhMailDraft *self);
void         ph_mail_draft_free (PhMailDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMailDraft, ph_mail_draft_free)

/* The addresses in `to`, normalised, each once; NULL and *problem (transfer full) where
 * one makes no sense, or there is none. */
GStrv ph_mail_draft_dup_recipients (const char *to,
                                    char      **problem);

/* As a message (RFC 5322, MIME) with CRLF line ends.  `name` is the display name of `from`, or "";
 * `host` is for the Message-ID, `time` (seconds) for Date.  Reads the attachment, of at most
 * `size_max` bytes: blocks. */
GBytes *ph_mail_draft_format (const PhMailDraft *self,
                              const char        *name,
                              const char        *host,
                              gint64             time,
                              guint64            size_max,
                              GCancellable      *cancellable,
                              GError           **error);

G_END_DECLS
