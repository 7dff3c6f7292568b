#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhImapParser:
 *
 * Reads the grammar of RFC 3501 section 9 out of one whole command, literals and
 * all, as PhImapReader gathers it.  A plain struct over borrowed bytes; every
 * function either takes what it is named after and moves on, or returns FALSE and
 * leaves a text for the BAD reply in `error`.  The bytes are bounded by the reader;
 * the parser never recurses and never trusts an announced size.
 */
typedef struct
{
  const guint8 *data;
  gsize         length;
  gsize         position;
  gboolean      utf8;  /* names and quoted strings are UTF-8 (RFC 9755, 9051): not modified UTF-7 */
  const char   *error; /* static text of the first mistake, or NULL */
} PhImapParser;

void ph_imap_parser_init (PhImapParser *self,
                          const void   *data,
                          gsize         length);

/* Remembers the first mistake; always FALSE, so that it can be returned. */
gboolean ph_imap_parser_fail (PhImapParser *self,
                              const char   *error);

/* The next byte, or -1 at the end. */
int      ph_imap_parser_peek (const PhImapParser *self);
gboolean ph_imap_parser_at_end (const PhImapParser *self);

/* Fails unless nothing is left. */
gboolean ph_imap_parser_take_end (PhImapParser *self);
gboolean ph_imap_parser_take_char (PhImapParser *self,
                                   char          c);
gboolean ph_imap_parser_take_space (PhImapParser *self);

/* Takes `c` if it is next; no mistake otherwise. */
gboolean ph_imap_parser_skip_char (PhImapParser *self,
                                   char          c);

/* Takes the atom `word` in any case if it is next and ends there; no mistake otherwise. */
gboolean ph_imap_parser_skip_word (PhImapParser *self,
                                   const char   *word);

/* Strings are given to the caller, NUL-terminated; NUL in them is refused. */
gboolean ph_imap_parser_take_tag (PhImapParser *self,
                                  char        **tag);
gboolean ph_imap_parser_take_atom (PhImapParser *self,
                                   char        **atom);
gboolean ph_imap_parser_take_string (PhImapParser *self,
                                     char        **string);
gboolean ph_imap_parser_take_astring (PhImapParser *self,
                                      char        **string);

/* NULL for NIL. */
gboolean ph_imap_parser_take_nstring (PhImapParser *self,
                                      char        **string);

/* A string with any octets, also as a literal8 (RFC 3516), or NULL for NIL. */
gboolean ph_imap_parser_take_octets (PhImapParser *self,
                                     GBytes      **octets);

/* A mailbox pattern of LIST: an astring in which % and * may stand bare. */
gboolean ph_imap_parser_take_pattern (PhImapParser *self,
                                      char        **pattern);

/* Digits, at most `max`. */
gboolean ph_imap_parser_take_number (PhImapParser *self,
                                     guint64       max,
                                     guint64      *number);

/* An IMAP date, bare or quoted, as days since 1970-01-01. */
gboolean ph_imap_parser_take_date (PhImapParser *self,
                                   gint32       *day);

/* A mailbox name: an astring in modified UTF-7 (or UTF-8), as UTF-8 in the store's spelling.
 * *name is NULL (and no mistake) for an astring that can't name a mailbox: NO. */
gboolean ph_imap_parser_take_mailbox (PhImapParser *self,
                                      char        **name);

/* And *spelled as the client wrote it, as UTF-8 (RFC 9051 6.3.9.7); NULL like *name. */
gboolean ph_imap_parser_take_spelled_mailbox (PhImapParser *self,
                                              char        **spelled,
                                              char        **name);

/* The same for the text of such an astring; NULL for what can't name a mailbox. */
char *ph_imap_mailbox_from_wire (const char *text,
                                 gboolean    utf8);

/* What a name or pattern on the wire means, as UTF-8; NULL where it is no canonical
 * modified UTF-7 (or no UTF-8). */
char *ph_imap_text_from_wire (const char *text,
                              gboolean    utf8);

/* "(X Y Z)" where each word is a row of a table: TRUE and the index of the next one. */
gboolean ph_imap_parser_take_word_of (PhImapParser      *self,
                                      const char *const *words,
                                      gsize              n_words,
                                      guint             *index,
                                      const char        *error);

gboolean ph_imap_is_atom_char (guint8 c);

G_END_DECLS
