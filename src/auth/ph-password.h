#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of UTF-8 that a password may have. */
#define PH_PASSWORD_MAX 1024

/* What a password becomes before it is hashed (RFC 8265 section 4.2, OpaqueString):
 * other spaces become U+0020, the whole NFC.  NULL with PH_AUTH_ERROR_INVALID for one
 * that is empty, too long, not UTF-8 or has a character that is not of the
 * FreeformClass (RFC 8264 section 4.3): controls, invisible and private ones, old jamo.
 * Of the contextual rules those for joiners count; rare punctuation is taken anywhere.
 * To be freed with ph_password_free(). */
char *ph_password_prepare (const char *password,
                           GError    **error);

/* Overwrites and frees; NULL-tolerant. */
void ph_password_free (char *password);

typedef enum {
  PH_PASSWORD_WEAK,   /* a guess or two, or a list of words */
  PH_PASSWORD_FAIR,   /* holds against guesses over the network */
  PH_PASSWORD_GOOD,   /* holds against an expensive search of a stolen file */
  PH_PASSWORD_STRONG, /* as strong as ph_password_generate() */
} PhPasswordStrength;

/* An estimate for the person who types: length, kinds of characters, repeats,
 * runs ("abcd") and the most used passwords. */
PhPasswordStrength ph_password_get_strength (const char *password);

/* 80 random bits as four groups of letters and digits that are not mistaken for
 * each other ("k3vm-…").  To be freed with ph_password_free(). */
char *ph_password_generate (void);

G_END_DECLS
