#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a text, in bytes as it came; what follows is not shown (`truncated`). */
#define PH_MAIL_TEXT_MAX (256 * 1024)

/* Characters of one line, because laying out a longer one holds up the window. */
#define PH_MAIL_TEXT_LINE_MAX 2000

/* Different links of one text; more are shown as text. */
#define PH_MAIL_TEXT_LINKS_MAX 2000

typedef enum {
  PH_MAIL_STYLE_NONE = 0,
  PH_MAIL_STYLE_BOLD = 1 << 0,
  PH_MAIL_STYLE_ITALIC = 1 << 1,
  PH_MAIL_STYLE_UNDERLINE = 1 << 2,
  PH_MAIL_STYLE_STRIKE = 1 << 3,
  PH_MAIL_STYLE_MONOSPACE = 1 << 4,
  PH_MAIL_STYLE_HEADING = 1 << 5,
  PH_MAIL_STYLE_QUOTE = 1 << 6,
  PH_MAIL_STYLE_REMARK = 1 << 7, /* of ours, not of the message: "[picture: …]" */
} PhMailStyle;

#define PH_MAIL_STYLES 8

/* A stretch of text in one style; it begins where the one before ends. */
typedef struct
{
  gsize end;   /* in bytes of `text` */
  guint style; /* of PhMailStyle */
  int   link;  /* in `links`, or -1 */
} PhMailSpan;

/**
 * PhMailText:
 *
 * Text of a message as a person may see it: valid UTF-8 in lines, with styles and
 * links beside it, never markup (V18).  Controls, direction marks and what else can't
 * be seen are shown as such; only the joiners that scripts need stay, and marks that
 * merely say where a line may break are left out.  Owned by whoever made it.
 */
typedef struct
{
  GString   *text;
  GArray    *spans;     /* of PhMailSpan; together they are the whole text */
  GPtrArray *links;     /* of char *: addresses (http, https, mailto), escaped */
  gboolean   truncated; /* there was more */

  gsize taken;  /* bytes appended so far */
  guint column; /* characters since the last line end */
} PhMailText;

PhMailText *ph_mail_text_new (void);
void        ph_mail_text_free (PhMailText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMailText, ph_mail_text_free)

/* `data` need not be UTF-8.  `link` may be NULL; one that is no web or mail address is
 * dropped. */
void ph_mail_text_append (PhMailText *self,
                          const char *data,
                          gsize       length,
                          guint       style,
                          const char *link);

/* A plain text: quoted lines get their style, addresses become links. */
void ph_mail_text_append_plain (PhMailText *self,
                                const char *data,
                                gsize       length);

G_END_DECLS
