#pragma once

#include "ph-queue-entry.h"

G_BEGIN_DECLS

/* Messages that may be kept for their time: for one sender (by whatever the caller counts as one),
 * and in all (RFC 4865 section 6). */
#define PH_KEPT_MAIL_SENDER_MAX 1000
#define PH_KEPT_MAIL_MAX 10000

/* TRUE where a message of `sender` counts. */
typedef gboolean (*PhKeptMailFunc) (const char *sender,
                                    gpointer    user_data);

/**
 * PhKeptMail:
 *
 * Which messages of the queue wait for the time that their senders asked for, so that it can be
 * said how many are allowed.  Owned by the relay, which adds what it takes in or reads at the start,
 * and removes what leaves the queue; what has become due is forgotten by itself.  Main context only.
 */
typedef struct _PhKeptMail PhKeptMail;

PhKeptMail *ph_kept_mail_new (void);
void        ph_kept_mail_free (PhKeptMail *self);

/* Nothing where the entry waits for no time, or that has come. */
void ph_kept_mail_add (PhKeptMail         *self,
                       const PhQueueEntry *entry,
                       gint64              now);
void ph_kept_mail_remove (PhKeptMail *self,
                          const char *id);

/* When the message is to go out; 0 for at once. */
gint64 ph_kept_mail_get_release (PhKeptMail *self,
                                 const char *id);

/* How many count; *total: how many there are. */
guint ph_kept_mail_count (PhKeptMail    *self,
                          gint64         now,
                          PhKeptMailFunc counts,
                          gpointer       user_data,
                          guint         *total);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhKeptMail, ph_kept_mail_free)

G_END_DECLS
