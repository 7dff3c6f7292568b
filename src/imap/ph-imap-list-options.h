#pragma once

#include "ph-imap-parser.h"
#include "ph-imap-pattern.h"

G_BEGIN_DECLS

/* Patterns in one LIST. */
#define PH_IMAP_PATTERNS_MAX 32

typedef enum {
  PH_IMAP_LIST_SUBSCRIBED = 1 << 0,
  PH_IMAP_LIST_REMOTE = 1 << 1,
  PH_IMAP_LIST_RECURSIVE = 1 << 2,
  PH_IMAP_LIST_SPECIAL = 1 << 3,
} PhImapListSelect;

/**
 * PhImapListOptions:
 *
 * What a LIST asks for (RFC 3501 6.3.8, 5258, 5819, 6154).  A plain struct, cleared
 * by its owner.
 */
typedef struct
{
  PhImapListSelect select;
  gboolean         return_subscribed;
  gboolean         return_status;
  gboolean         uses_modseq;  /* the status has HIGHESTMODSEQ */
  gboolean         extended;     /* options or several patterns (RFC 5258) */
  guint            status_items; /* of ph-imap-status.h */
  gboolean         is_root;      /* LIST "" "": what is the delimiter?  Not where `extended` */
  GPtrArray       *patterns;     /* of PhImapPattern, the reference before them */
} PhImapListOptions;

void ph_imap_list_options_clear (PhImapListOptions *self);

/* From the space after LIST (or LSUB, where `extended` is FALSE) to the end. */
gboolean ph_imap_list_options_take (PhImapParser      *parser,
                                    gboolean           extended,
                                    PhImapListOptions *self);

gboolean ph_imap_list_options_match (const PhImapListOptions *self,
                                     const char              *name);

/* TRUE if a matching pattern ends with "%". */
gboolean ph_imap_list_options_match_level (const PhImapListOptions *self,
                                           const char              *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhImapListOptions, ph_imap_list_options_clear)

G_END_DECLS
