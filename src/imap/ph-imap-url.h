#pragma once

#include "ph-account-store.h"
#include "ph-imap-fetch-items.h"

G_BEGIN_DECLS

/**
 * PhImapUrl:
 *
 * A relative IMAP URL (RFC 5092 7.2) of a message or a part of one, of the account itself, as
 * CATENATE (RFC 4469) takes it.  Names nothing elsewhere: what has a scheme or a server is none.
 * Immutable; owned by who parsed it.
 */
typedef struct
{
  char             *mailbox; /* in the store's spelling */
  guint32           uidvalidity;
  gboolean          has_uidvalidity;
  guint32           uid;
  PhImapFetchItems *items; /* one section */
} PhImapUrl;

/* `selected`: the mailbox of a URL without one, or NULL.  NULL where it is not such a URL. */
PhImapUrl *ph_imap_url_parse (const char *text,
                              const char *selected);
void       ph_imap_url_free (PhImapUrl *self);

/* Writes the bytes that a FETCH of it would give behind what `spool` has.  NOT_FOUND where there is
 * no such message or section; OVER_QUOTA where the spool would become larger than `size_max`.
 * Large ones go by in slices. */
void     ph_imap_url_copy_async (const PhImapUrl    *self,
                                 PhAccountStore     *store,
                                 PhSpool            *spool,
                                 guint64             size_max,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ph_imap_url_copy_finish (PhAccountStore *store,
                                  GAsyncResult   *result,
                                  GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapUrl, ph_imap_url_free)

G_END_DECLS
