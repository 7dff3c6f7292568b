#pragma once

#include "ph-dkim-key.h"

G_BEGIN_DECLS

#define PH_TYPE_DKIM_SIGNER (ph_dkim_signer_get_type ())
G_DECLARE_FINAL_TYPE (PhDkimSigner, ph_dkim_signer, PH, DKIM_SIGNER, GObject)

/* -1 where it can't be read. */
typedef gssize (*PhDkimReadFunc) (gpointer user_data,
                                  guint64  offset,
                                  void    *data,
                                  gsize    length);

/**
 * PhDkimSigner:
 *
 * Signs what people of some domains send (DKIM, RFC 6376 and 8463): twice, with RSA for everybody and with
 * Ed25519 for those who can.  From, To, Subject and Date are signed once more than they are
 * there, so that nobody can add another (V35).  The keys are files of a folder,
 * made when they are first needed.  Immutable but for its keys, which have a lock: workers use it.
 */
/* Where a selector is no name. */
#define PH_DKIM_SELECTOR "posthouse"

PhDkimSigner *ph_dkim_signer_new (const char        *key_dir,
                                  const char        *selector,
                                  const char *const *domains);

/* The header fields to be put before a message whose author (From) is of one of the domains; "" where it
 * is of none, or nobody can say whose it is.  The message is given as it is sent, but for its line ends.
 * `now`: seconds. Blocks: on a worker. NULL with an error. */
char *ph_dkim_signer_sign (PhDkimSigner  *self,
                           PhDkimReadFunc read,
                           gpointer       read_data,
                           gint64         now,
                           GError       **error);

/* What is to be published for a domain, for people: lines of "NAME  TXT  VALUE".  Makes the keys.
 * Blocks: on a worker. */
char *ph_dkim_signer_format_records (PhDkimSigner *self,
                                     const char   *domain,
                                     GError      **error);

G_END_DECLS
