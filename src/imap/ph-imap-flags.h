#pragma once

#include "ph-imap-parser.h"
#include "ph-mailbox.h"

G_BEGIN_DECLS

/* RFC 3501 knows no limit; a keyword longer than this is refused (I13). */
#define PH_IMAP_KEYWORD_LENGTH_MAX 64

/**
 * PhImapFlags:
 *
 * Flags as a client named them: system flags in any case, keywords as spelled,
 * each once.  \Recent and unknown \Names are no flags that can be stored (I07,
 * I14).  A plain struct, cleared by its owner.
 */
typedef struct
{
  PhFlags    system;
  GPtrArray *keywords; /* NULL-terminated once taken; NULL if there is none */
  gboolean   over_limit;
} PhImapFlags;

void ph_imap_flags_clear (PhImapFlags *self);

/* "(\Seen work)"; with `bare` also without parentheses, as STORE has it. */
gboolean ph_imap_flags_take (PhImapParser *parser,
                             gboolean      bare,
                             PhImapFlags  *flags);

/* NULL where there is none. */
const char *const *ph_imap_flags_get_keywords (const PhImapFlags *self);

/* Appends "\Seen \Recent work" without parentheses. */
void ph_imap_flags_format (PhFlags            system,
                           gboolean           recent,
                           guint64            keywords,
                           const char *const *names,
                           guint              n_names,
                           GString           *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhImapFlags, ph_imap_flags_clear)

G_END_DECLS
