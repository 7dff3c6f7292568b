#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Characters; a reply is to be brief (RFC 3834 section 3.2). */
#define PH_AUTOMATIC_REPLY_SUBJECT_MAX 200
#define PH_AUTOMATIC_REPLY_TEXT_MAX 4000

/* Until the same sender is answered again (RFC 3834 section 2; RFC 5230 section 4.1). */
#define PH_AUTOMATIC_REPLY_DAYS 7
#define PH_AUTOMATIC_REPLY_DAYS_MAX 30

/**
 * PhAutomaticReply:
 *
 * What an account answers while its owner is away.  A plain struct of values, owned by the account; to whom it goes is
 * decided elsewhere (PhResponder).
 */
typedef struct
{
  gboolean enabled;
  char    *subject;   /* "": "Auto: " and the subject that is answered */
  char    *text;      /* UTF-8; lines end with LF */
  guint32  first_day; /* as GDate counts them (Julian), in this computer's time zone; 0: from now on */
  guint32  last_day;  /* 0: until it is switched off */
  guint    days;      /* until the same sender is answered again */
} PhAutomaticReply;

#define PH_TYPE_AUTOMATIC_REPLY (ph_automatic_reply_get_type ())
GType ph_automatic_reply_get_type (void);

/* Switched off, and empty. */
PhAutomaticReply *ph_automatic_reply_new (void);
PhAutomaticReply *ph_automatic_reply_copy (const PhAutomaticReply *self);
void              ph_automatic_reply_free (PhAutomaticReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAutomaticReply, ph_automatic_reply_free)

/* Why it can't be so: a sentence to be translated.  NULL if it can. */
const char *ph_automatic_reply_find_problem (const PhAutomaticReply *self);

/* Whether it answers what comes at `now` (real µs). */
gboolean ph_automatic_reply_is_due (const PhAutomaticReply *self,
                                    gint64                  now);

/* A day as "2026-12-24"; "" is 0.  FALSE for what is no day. */
gboolean ph_automatic_reply_parse_day (const char *text,
                                       guint32    *day);
char    *ph_automatic_reply_format_day (guint32 day);

G_END_DECLS
