#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhScramClient:
 *
 * The other side of SCRAM-SHA-256 (RFC 5802, 7677): logs in to somebody else's server without
 * showing it the password, and makes sure that the server knows its keys.  Owned by who logs
 * in; the password is wiped with it.
 */
typedef struct _PhScramClient PhScramClient;

PhScramClient *ph_scram_client_new (const char *user,
                                    const char *password);
void           ph_scram_client_free (PhScramClient *self);

/* For tests, before the first message: else it is random. */
void ph_scram_client_set_nonce (PhScramClient *self,
                                const char    *nonce);

/* The client's first message. */
char *ph_scram_client_begin (PhScramClient *self);

/* What answers the server's first message; NULL where that makes no sense, or asks for less than
 * 4,096 or more than PH_SCRAM_ITERATIONS_MAX rounds.  Hashes: on a worker only. */
char *ph_scram_client_answer (PhScramClient *self,
                              const char    *challenge);

/* TRUE where the server's last message proves that it knows the keys. */
gboolean ph_scram_client_check (PhScramClient *self,
                                const char    *final);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhScramClient, ph_scram_client_free)

G_END_DECLS
