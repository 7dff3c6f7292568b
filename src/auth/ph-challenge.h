#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhChallenge:
 *
 * The arithmetic of the two old ways to show that one knows a password without sending it: APOP
 * (RFC 1939 section 7) and CRAM-MD5 (RFC 2195).  Both need the password itself on both sides, and
 * who listens can try guesses.  Pure functions.
 */
typedef enum {
  PH_CHALLENGE_APOP,
  PH_CHALLENGE_CRAM_MD5,
} PhChallengeKind;

/* "<random.time@host>", as a message id, never the same twice. */
char *ph_challenge_new (const char *host);

/* Hexadecimal digits of an MD5. */
gboolean ph_challenge_is_digest (const char *text,
                                 gsize       length);

/* Whether `digest` is what `password` makes of the challenge; in the same time for all of one length. */
gboolean ph_challenge_fits (PhChallengeKind kind,
                            const char     *challenge,
                            const char     *password,
                            const char     *digest);

G_END_DECLS
