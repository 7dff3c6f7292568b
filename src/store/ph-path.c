#include "ph-path.h"

#include <string.h>

#include "ph-account-store.h"
#include "ph-mutf7.h"

char *
ph_path_encode_component (const char *text)
{
  static const char plain[] = "-_.+=@,~#!";
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      guchar byte = (guchar)*p;

      if (byte >= 0x80 || g_ascii_isalnum (byte) || (strchr (plain, byte) != NULL && !(byte == '.' && p == text)))
        g_string_append_c (out, (char)byte);
      else
        g_string_append_printf (out, "%%%02X", (guint)byte);
    }

  if (out->len == 0 || out->len > PH_PATH_COMPONENT_MAX)
    return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
level_is_valid (const char *level,
                gsize       length)
{
  const char *end = level + length;

  if (length == 0 || length > PH_FOLDER_LEVEL_BYTES_MAX)
    return FALSE;

  for (const char *p = level; p < end; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* Controls, line and paragraph separators: they would break a list in a log or a window. */
      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_inbox (const char *level,
          gsize       length)
{
  return length == 5 && g_ascii_strncasecmp (level, "INBOX", 5) == 0;
}

char *
ph_folder_name_normalize (const char *name)
{
  g_autofree char *nfc = NULL;
  g_autofree char *directory = NULL;
  guint            n_levels = 0;

  if (strlen (name) > PH_FOLDER_NAME_BYTES_MAX || !g_utf8_validate (name, -1, NULL))
    return NULL;

  nfc = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);
  if (nfc == NULL || strlen (nfc) > PH_FOLDER_NAME_BYTES_MAX)
    return NULL;

  for (char *level = nfc; level != NULL;)
    {
      gsize length = strcspn (level, "/");

      if (!level_is_valid (level, length) || ++n_levels > PH_FOLDER_LEVELS_MAX)
        return NULL;
      if (n_levels == 1 && is_inbox (level, length))
        memcpy (level, "INBOX", 5);

      level = level[length] == '/' ? level + length + 1 : NULL;
    }

  directory = ph_path_encode_folder (nfc);

  return directory != NULL ? g_steal_pointer (&nfc) : NULL;
}

/* mUTF-7 leaves printable ASCII alone, so what Maildir++ needs is escaped after it. */
static gboolean
append_level (GString    *out,
              const char *level)
{
  g_autofree char *mutf7 = ph_mutf7_encode (level);

  if (mutf7 == NULL || *mutf7 == '\0')
    return FALSE;

  g_string_append_c (out, '.');
  for (const char *p = mutf7; *p != '\0'; p++)
    {
      if (*p == '.' || *p == '\\' || *p == '/')
        g_string_append_printf (out, "\\%02x", (guint)(guchar)*p);
      else
        g_string_append_c (out, *p);
    }

  return TRUE;
}

char *
ph_path_encode_folder (const char *name)
{
  g_autoptr (GString) out = NULL;
  g_auto (GStrv) levels = NULL;

  if (strcmp (name, "INBOX") == 0)
    return g_strdup (".");

  out = g_string_new (NULL);
  levels = g_strsplit (name, "/", -1);
  for (guint i = 0; levels[i] != NULL; i++)
    if (!append_level (out, levels[i]) || out->len > PH_PATH_COMPONENT_MAX)
      return NULL;

  if (out->len == 0)
    return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* NULL for a bad escape. */
static char *
unescape_level (const char *level)
{
  GString *out = g_string_new (NULL);

  for (const char *p = level; *p != '\0'; p++)
    {
      if (*p != '\\')
        {
          g_string_append_c (out, *p);
          continue;
        }
      if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
        {
          g_string_free (out, TRUE);
          return NULL;
        }
      g_string_append_c (out, (char)(g_ascii_xdigit_value (p[1]) << 4 | g_ascii_xdigit_value (p[2])));
      p += 2;
    }

  return g_string_free (out, FALSE);
}

char *
ph_path_decode_folder (const char *directory)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *normal = NULL;
  g_autofree char *again = NULL;
  g_auto (GStrv) levels = NULL;

  if (strcmp (directory, ".") == 0)
    return g_strdup ("INBOX");
  if (directory[0] != '.' || directory[1] == '\0')
    return NULL;

  levels = g_strsplit (directory + 1, ".", -1);
  for (guint i = 0; levels[i] != NULL; i++)
    {
      g_autofree char *mutf7 = unescape_level (levels[i]);
      g_autofree char *level = mutf7 != NULL ? ph_mutf7_decode (mutf7, strlen (mutf7)) : NULL;

      if (level == NULL)
        return NULL;
      g_string_append_printf (name, "%s%s", i > 0 ? "/" : "", level);
    }

  normal = ph_folder_name_normalize (name->str);
  again = normal != NULL ? ph_path_encode_folder (normal) : NULL;

  return g_strcmp0 (again, directory) == 0 ? g_steal_pointer (&normal) : NULL;
}
