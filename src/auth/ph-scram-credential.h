#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* RFC 7677 asks for at least 4,096. */
#define PH_SCRAM_ITERATIONS 10000

/**
 * PhScramCredential:
 *
 * What is kept of a password: salted SCRAM-SHA-256 keys (RFC 5802, 7677), from
 * which the password can't be had.  Immutable, boxed.  Its text form is that of
 * RFC 5803: "SCRAM-SHA-256$10000:SALT$STOREDKEY:SERVERKEY" in base64.
 */
typedef struct _PhScramCredential PhScramCredential;

#define PH_TYPE_SCRAM_CREDENTIAL (ph_scram_credential_get_type ())
GType ph_scram_credential_get_type (void) G_GNUC_CONST;

/* Hashes, which takes milliseconds: on a worker only. NULL and an error for a
 * password that ph_password_prepare() refuses. */
PhScramCredential *ph_scram_credential_new (const char *password,
                                            GError    **error);

/* The same with the salt of another: so one proof can be looked at with several secrets of
 * an account, of which a client of SCRAM is told one salt. */
PhScramCredential *ph_scram_credential_new_like (const PhScramCredential *like,
                                                 const char              *password,
                                                 GError                 **error);

/* Whether they have the same salt and iterations. */
gboolean ph_scram_credential_is_like (const PhScramCredential *a,
                                      const PhScramCredential *b);

/* The same work whatever the result; on a worker only. */
gboolean ph_scram_credential_verify (const PhScramCredential *self,
                                     const char              *password);

/* Which of `credentials` (of PhScramCredential, all like the first; at least one) is that of
 * `password`; -1 for none.  The work of one, whatever the result; on a worker only. */
int ph_scram_credential_find (GPtrArray  *credentials,
                              const char *password);

PhScramCredential *ph_scram_credential_parse (const char *text,
                                              GError    **error);
char              *ph_scram_credential_format (const PhScramCredential *self);
PhScramCredential *ph_scram_credential_copy (const PhScramCredential *self);
void               ph_scram_credential_free (PhScramCredential *self);

/* Sizes of a SHA-256 key, and of the longest salt taken. */
#define PH_SCRAM_KEY_LENGTH 32
#define PH_SCRAM_SALT_MAX 64

/* More is refused: it would hold up a worker for seconds. */
#define PH_SCRAM_ITERATIONS_MAX 1000000

/* For the mechanism (RFC 5802 section 3), which takes microseconds.  Borrowed. */
guint         ph_scram_credential_get_iterations (const PhScramCredential *self);
const guint8 *ph_scram_credential_get_salt (const PhScramCredential *self,
                                            gsize                   *length);

/* Which of `credentials` `proof` (PH_SCRAM_KEY_LENGTH bytes) is of one who knows the
 * password of; -1 for none. */
int ph_scram_credential_find_proof (GPtrArray    *credentials,
                                    const guint8 *proof,
                                    const char   *auth_message);

/* What shows the client that we know the keys, too. */
void ph_scram_credential_sign (const PhScramCredential *self,
                               const char              *auth_message,
                               guint8                   signature[PH_SCRAM_KEY_LENGTH]);

/* One that no password fits, for names that are not there: the same salt for
 * the same name and `secret`, and the same work as any other (V20). */
PhScramCredential *ph_scram_credential_new_dummy (const guint8 secret[PH_SCRAM_KEY_LENGTH],
                                                  const char  *name);

gboolean ph_scram_credential_equal (const PhScramCredential *a,
                                    const PhScramCredential *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhScramCredential, ph_scram_credential_free)

G_END_DECLS
