#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 5321 4.5.3.1, in octets; the whole is a path of 256 without its brackets. */
#define PH_ADDRESS_LOCAL_MAX 64
#define PH_ADDRESS_DOMAIN_MAX 255
#define PH_ADDRESS_MAX 254

typedef enum {
  PH_ADDRESS_NONE = 0,
  PH_ADDRESS_UTF8 = 1 << 0,       /* RFC 6531: 8-bit local parts and U-labels */
  PH_ADDRESS_NULL_PATH = 1 << 1,  /* <> is a path (MAIL FROM) */
  PH_ADDRESS_POSTMASTER = 1 << 2, /* <postmaster> needs no domain (RCPT TO) */
} PhAddressFlags;

/**
 * PhAddress:
 *
 * A mailbox as SMTP knows it (RFC 5321 4.1.2, RFC 6531 3.3): what stands in
 * MAIL, RCPT and in our settings.  Not the addresses of header fields, which are
 * PhHeaderAddress.  An immutable value, owned by whoever parsed or copied it.
 *
 * What parses is unambiguous: `local` has no quotes and is never empty but in the
 * null path, has no control characters, and is at most PH_ADDRESS_LOCAL_MAX
 * octets of UTF-8; `domain` is canonical: lower case, A-labels, no dot at the end,
 * or an address literal as "[192.0.2.1]" or "[IPv6:2001:db8::1]".
 */
typedef struct
{
  char *local;  /* "" in the null path */
  char *domain; /* NULL in the null path and in <postmaster> */
} PhAddress;

/* Parses a path with its brackets at the start of `text` ("<a@b> SIZE=1"); a
 * source route is dropped.  Sets *consumed to its length.  NULL with
 * PH_MAIL_ERROR_SYNTAX or _LIMIT and a text fit for a 501 reply. */
PhAddress *ph_address_parse_path (const char    *text,
                                  gsize          length,
                                  PhAddressFlags flags,
                                  gsize         *consumed,
                                  GError       **error);

/* Parses all of `text` as a mailbox without brackets ("a@b"). */
PhAddress *ph_address_parse (const char    *text,
                             gsize          length,
                             PhAddressFlags flags,
                             GError       **error);

PhAddress *ph_address_copy (const PhAddress *self);
void       ph_address_free (PhAddress *self);

gboolean ph_address_is_null_path (const PhAddress *self);

/* TRUE if it can only be sent with SMTPUTF8. */
gboolean ph_address_needs_utf8 (const PhAddress *self);

/* The wire form without brackets: the local part is quoted if it must be; ""
 * for the null path.  Parses back to the same value. */
char *ph_address_format (const PhAddress *self);

/* Parses `text` ("local@domain", U-labels and UTF-8 welcome, no brackets) and
 * formats it: two spellings of one mailbox give the same string, but for the
 * case of the local part.  NULL if it is no address with a domain. */
char *ph_address_normalize (const char *text);

/* The same for an address elsewhere, whose local part only its own server may change (RFC 5321 section 2.3.11), not even to NFC. */
char *ph_address_canonicalize (const char *text);

/* Same for a domain alone or an address literal in brackets. */
char *ph_address_normalize_domain (const char *domain);

/* Equal for addresses of one mailbox, whatever the case; NULL for NULL and for what is no address. */
char *ph_address_make_key (const char *text);

/* TRUE if both are addresses of one mailbox, local parts compared without case
 * (as our accounts do). */
gboolean ph_address_equal (const char *a,
                           const char *b);

/* Splits an address into its unquoted local part and canonical domain, both for
 * the caller to free; either pointer may be NULL.  FALSE (and NULLs) if it is none. */
gboolean ph_address_split (const char *text,
                           char      **local,
                           char      **domain);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAddress, ph_address_free)

G_END_DECLS
