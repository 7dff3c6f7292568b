#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Classes of octets that the grammars of mail share.  Private to this folder. */

/* atext of RFC 5322 3.2.3, ASCII only */
static inline gboolean
ph_octet_is_atext (guint8 c)
{
  return g_ascii_isalnum ((char)c) || (c != 0 && strchr ("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Token of RFC 2045 5.1: no controls, blanks, tspecials */
static inline gboolean
ph_octet_is_token (guint8 c)
{
  return c > 32 && c < 127 && strchr ("()<>@,;:\\\"/[]?=", c) == NULL;
}

static inline gboolean
ph_octet_is_blank (guint8 c)
{
  return c == ' ' || c == '\t';
}

/* What folding white space is made of */
static inline gboolean
ph_octet_is_space (guint8 c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the comment that begins at `at` (RFC 5322 3.2.2), or `end` where it has none. */
static inline const guint8 *
ph_octet_skip_comment (const guint8 *at,
                       const guint8 *end)
{
  guint depth = 0;

  do
    {
      guint8 c = *at++;

      if (c == '\\' && at < end)
        at++;
      else if (c == '(')
        depth++;
      else if (c == ')')
        depth--;
    }
  while (depth > 0 && at < end);

  return at;
}

G_END_DECLS
