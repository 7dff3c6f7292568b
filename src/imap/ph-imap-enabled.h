#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a client switched on, with ENABLE (RFC 5161) or by using it (RFC 7162 3.1): a
 * mask.  It changes what the session says. */
typedef enum {
  PH_IMAP_ENABLED_CONDSTORE = 1 << 0, /* FLAGS come with MODSEQ (I17) */
  PH_IMAP_ENABLED_QRESYNC = 1 << 1,   /* VANISHED instead of EXPUNGE (I19) */
  PH_IMAP_ENABLED_UTF8 = 1 << 2,      /* RFC 9755 */
  PH_IMAP_ENABLED_REV2 = 1 << 3,      /* RFC 9051: no \Recent (I07), always ESEARCH (I40) */
  PH_IMAP_ENABLED_UIDONLY = 1 << 4,   /* RFC 9586: no message numbers */
} PhImapEnabled;

/* Names are UTF-8 on the wire (I30). */
#define PH_IMAP_ENABLED_UTF8_NAMES (PH_IMAP_ENABLED_UTF8 | PH_IMAP_ENABLED_REV2)

G_END_DECLS
