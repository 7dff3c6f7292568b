#pragma once

#include "ph-imap-parser.h"
#include "ph-imap-return.h"
#include "ph-mime-part.h"

G_BEGIN_DECLS

/* Sections in one FETCH, fields in one HEADER.FIELDS, numbers in a part's path. */
#define PH_IMAP_SECTIONS_MAX 100
#define PH_IMAP_FIELDS_MAX 200
#define PH_IMAP_PATH_MAX PH_MIME_DEPTH_MAX

typedef enum {
  PH_IMAP_FETCH_FLAGS = 1 << 0,
  PH_IMAP_FETCH_UID = 1 << 1,
  PH_IMAP_FETCH_INTERNALDATE = 1 << 2,
  PH_IMAP_FETCH_SIZE = 1 << 3,
  PH_IMAP_FETCH_SAVEDATE = 1 << 4,
  PH_IMAP_FETCH_ENVELOPE = 1 << 5,
  PH_IMAP_FETCH_BODY = 1 << 6,
  PH_IMAP_FETCH_BODYSTRUCTURE = 1 << 7,
  PH_IMAP_FETCH_MODSEQ = 1 << 8,
  PH_IMAP_FETCH_EMAILID = 1 << 9,
  PH_IMAP_FETCH_THREADID = 1 << 10,
  PH_IMAP_FETCH_PREVIEW = 1 << 11,
} PhImapFetchFlags;

#define PH_IMAP_FETCH_SUMMARY (PH_IMAP_FETCH_ENVELOPE | PH_IMAP_FETCH_BODY | PH_IMAP_FETCH_BODYSTRUCTURE | PH_IMAP_FETCH_PREVIEW)

typedef enum {
  PH_IMAP_SECTION_BYTES,   /* BODY[…] */
  PH_IMAP_SECTION_DECODED, /* BINARY[…] (RFC 3516) */
  PH_IMAP_SECTION_SIZE,    /* BINARY.SIZE[…] */
} PhImapSectionForm;

/* One BODY[…]<…>, its old name as RFC822.TEXT, or one BINARY[…]<…>. */
typedef struct
{
  PhImapSectionForm form;
  char             *label; /* how the reply names it: "BODY[1.MIME]<0>" */
  guint32          *path;
  guint             n_path;
  PhMimeSection     section;
  GPtrArray        *fields; /* of char *, NULL-terminated: HEADER.FIELDS; else NULL */
  gboolean          fields_not;
  gboolean          peek; /* does not set \Seen (I15) */
  gboolean          partial;
  guint32           offset;
  guint32           count;
} PhImapSection;

/**
 * PhImapFetchItems:
 *
 * What a FETCH asks for (RFC 3501 6.4.5), macros written out.  Immutable; owned by
 * the command.
 */
typedef struct
{
  PhImapFetchFlags flags;
  GPtrArray       *sections; /* of PhImapSection, in the order asked for */

  /* Modifiers (RFC 4466) */
  gboolean      has_changed_since;
  guint64       changed_since;
  gboolean      vanished;    /* RFC 7162 3.2.6 */
  gboolean      has_partial; /* RFC 9394 3.3 */
  PhImapPartial partial;
} PhImapFetchItems;

/* NULL and a mistake in the parser. */
PhImapFetchItems *ph_imap_fetch_items_take (PhImapParser *parser);

/* " (CHANGEDSINCE 17 VANISHED)", or nothing. */
gboolean ph_imap_fetch_items_take_modifiers (PhImapFetchItems *self,
                                             PhImapParser     *parser);
void     ph_imap_fetch_items_free (PhImapFetchItems *self);

/* TRUE if one of the sections sets \Seen. */
gboolean ph_imap_fetch_items_sets_seen (const PhImapFetchItems *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapFetchItems, ph_imap_fetch_items_free)

G_END_DECLS
