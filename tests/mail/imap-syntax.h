#pragma once

#include <glib.h>
#include <string.h>

/* A strict reader of the IMAP that ENVELOPE and BODYSTRUCTURE are written in, as
 * a client would have: (RFC 3501 9).  For tests and fuzz targets.  It recurses no
 * deeper than the structure, which is bounded. */
typedef struct
{
  const guint8 *at;
  const guint8 *end;
} ImapSyntax;

static inline gboolean
imap_take (ImapSyntax *self,
           const char *text)
{
  gsize length = strlen (text);

  if ((gsize)(self->end - self->at) < length || memcmp (self->at, text, length) != 0)
    return FALSE;

  self->at += length;
  return TRUE;
}

static inline gboolean
imap_number (ImapSyntax *self)
{
  const guint8 *start = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;

  return self->at > start && self->at - start <= 10 && (*start != '0' || self->at == start + 1);
}

static inline gboolean
imap_string (ImapSyntax *self)
{
  if (imap_take (self, "\""))
    {
      for (; self->at < self->end && *self->at != '"'; self->at++)
        {
          if (*self->at == '\\')
            {
              self->at++;
              if (self->at == self->end || (*self->at != '"' && *self->at != '\\'))
                return FALSE;
            }
          else if (*self->at != '\t' && (*self->at < 32 || *self->at > 126))
            return FALSE;
        }
      return imap_take (self, "\"");
    }

  if (imap_take (self, "{"))
    {
      guint64 length = g_ascii_strtoull ((const char *)self->at, NULL, 10);

      if (!imap_number (self) || !imap_take (self, "}\r\n") || length > (guint64)(self->end - self->at) ||
          memchr (self->at, '\0', length) != NULL)
        return FALSE;
      self->at += length;
      return TRUE;
    }

  return FALSE;
}

static inline gboolean
imap_nstring (ImapSyntax *self)
{
  return imap_take (self, "NIL") || imap_string (self);
}

static inline gboolean
imap_address_list (ImapSyntax *self)
{
  if (imap_take (self, "NIL"))
    return TRUE;
  if (!imap_take (self, "("))
    return FALSE;

  do
    if (!imap_take (self, "(") || !imap_nstring (self) || !imap_take (self, " ") || !imap_nstring (self) ||
        !imap_take (self, " ") || !imap_nstring (self) || !imap_take (self, " ") || !imap_nstring (self) ||
        !imap_take (self, ")"))
      return FALSE;
  while (!imap_take (self, ")"));

  return TRUE;
}

static inline gboolean
imap_envelope (ImapSyntax *self)
{
  if (!imap_take (self, "(") || !imap_nstring (self) || !imap_take (self, " ") || !imap_nstring (self))
    return FALSE;
  for (guint i = 0; i < 6; i++)
    if (!imap_take (self, " ") || !imap_address_list (self))
      return FALSE;

  return imap_take (self, " ") && imap_nstring (self) && imap_take (self, " ") && imap_nstring (self) && imap_take (self, ")");
}

static inline gboolean
imap_parameters (ImapSyntax *self)
{
  if (imap_take (self, "NIL"))
    return TRUE;
  if (!imap_take (self, "("))
    return FALSE;

  do
    if (!imap_string (self) || !imap_take (self, " ") || !imap_string (self))
      return FALSE;
  while (imap_take (self, " "));

  return imap_take (self, ")");
}

/* " disposition language location" */
static inline gboolean
imap_extension (ImapSyntax *self)
{
  if (!imap_take (self, " "))
    return FALSE;
  if (!imap_take (self, "NIL") &&
      (!imap_take (self, "(") || !imap_string (self) || !imap_take (self, " ") || !imap_parameters (self) || !imap_take (self, ")")))
    return FALSE;
  if (!imap_take (self, " "))
    return FALSE;
  if (imap_take (self, "("))
    {
      do
        if (!imap_string (self))
          return FALSE;
      while (imap_take (self, " "));
      if (!imap_take (self, ")"))
        return FALSE;
    }
  else if (!imap_nstring (self))
    return FALSE;

  return imap_take (self, " ") && imap_nstring (self);
}

static inline gboolean
imap_structure (ImapSyntax *self,
                gboolean    extended,
                guint       depth)
{
  if (depth > 110 || !imap_take (self, "("))
    return FALSE;

  if (self->at < self->end && *self->at == '(')
    {
      while (self->at < self->end && *self->at == '(')
        if (!imap_structure (self, extended, depth + 1))
          return FALSE;
      if (!imap_take (self, " ") || !imap_string (self))
        return FALSE;
      if (extended && (!imap_take (self, " ") || !imap_parameters (self) || !imap_extension (self)))
        return FALSE;
    }
  else
    {
      const guint8 *type = self->at;
      gboolean      is_text, is_message;

      if (!imap_string (self) || !imap_take (self, " ") || !imap_string (self))
        return FALSE;
      is_text = g_str_has_prefix ((const char *)type, "\"TEXT\" ");
      is_message = g_str_has_prefix ((const char *)type, "\"MESSAGE\" \"RFC822\"");

      if (!imap_take (self, " ") || !imap_parameters (self) || !imap_take (self, " ") || !imap_nstring (self) ||
          !imap_take (self, " ") || !imap_nstring (self) || !imap_take (self, " ") || !imap_string (self) ||
          !imap_take (self, " ") || !imap_number (self))
        return FALSE;
      if (is_message && (!imap_take (self, " ") || !imap_envelope (self) || !imap_take (self, " ") ||
                         !imap_structure (self, extended, depth + 1)))
        return FALSE;
      if ((is_message || is_text) && (!imap_take (self, " ") || !imap_number (self)))
        return FALSE;
      if (extended && (!imap_take (self, " ") || !imap_nstring (self) || !imap_extension (self)))
        return FALSE;
    }

  return imap_take (self, ")");
}

/* `data` must have a NUL after its end. */
static inline gboolean
imap_is_envelope (const guint8 *data,
                  gsize         length)
{
  ImapSyntax self = { data, data + length };

  return imap_envelope (&self) && self.at == self.end;
}

static inline gboolean
imap_is_structure (const guint8 *data,
                   gsize         length,
                   gboolean      extended)
{
  ImapSyntax self = { data, data + length };

  return imap_structure (&self, extended, 0) && self.at == self.end;
}
