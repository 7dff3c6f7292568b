#pragma once

#include "ph-imap-session-private.h"
#include "ph-imap-url.h"

G_BEGIN_DECLS

/* What the files of APPEND and REPLACE share: a command whose messages come in.  Owned by the
 * session as its work. */
typedef struct
{
  char      *name;
  GPtrArray *items; /* of PhAppendItem; the last one is being read */
  gboolean   replaces;
  guint32    replaced; /* UID */

  gsize      position;   /* in the text of the command: what is still to be parsed */
  gboolean   at_literal; /* that text ends with the announcement of one */
  gboolean   listing;    /* within "CATENATE (…)" */
  char      *url_text;   /* that is copied */
  PhImapUrl *url;

  gboolean over_limit; /* keywords of the last one */
  gboolean wrapped;    /* the literal stands in "UTF8 (…)" (RFC 6855 4) */
  guint64  remaining;  /* of the literal */
  gboolean after_cr;
  gboolean has_nul;
  GError  *error; /* of a spool; the rest of the literals is dropped */
} PhImapAppend;

void          ph_imap_append_free (gpointer append);
PhAppendItem *ph_imap_append_get_last (PhImapAppend *append);

/* TRUE if the text ends with the announcement at the parser's place; *binary: of a literal8 (RFC 3516). */
gboolean ph_imap_append_is_at_announcement (const PhImapParser *arguments,
                                            gboolean           *binary);

/* The literal that was announced goes into the last spool. */
void ph_imap_append_begin_literal (PhImapSession *self,
                                   PhImapAppend  *append);

/* Says BAD where the parser has a mistake; the literal that was announced is not taken. */
void ph_imap_append_refuse (PhImapSession *self,
                            PhImapParser  *arguments,
                            gboolean       at_literal);

/* Goes on in "CATENATE (…)" where the command was parsed to. */
void ph_imap_append_take_parts (PhImapSession *self);

/* Behind the parts of one message: that was all, or there is another. */
void ph_imap_append_finish_message (PhImapSession *self,
                                    PhImapAppend  *append,
                                    PhImapParser  *parser);

G_END_DECLS
