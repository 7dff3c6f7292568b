#include "ph-sts-policy.h"

#include <string.h>

#define VERSION "STSv1"
#define ID_MAX 32

static const char *const mode_words[] = { "none", "testing", "enforce", NULL };

PhStsPolicy *
ph_sts_policy_ref (PhStsPolicy *self)
{
  return g_rc_box_acquire (self);
}

static void
policy_clear (gpointer data)
{
  g_strfreev (((PhStsPolicy *)data)->hosts);
}

void
ph_sts_policy_unref (PhStsPolicy *self)
{
  g_rc_box_release_full (self, policy_clear);
}

const char *
ph_sts_mode_to_word (PhStsMode mode)
{
  return mode_words[mode];
}

/* The policy */

typedef struct
{
  gboolean   has_version, has_mode, has_age;
  gboolean   is_wrong;
  PhStsMode  mode;
  guint64    max_age;
  GPtrArray *hosts;
} Reading;

static void
read_version (Reading    *reading,
              const char *value)
{
  reading->is_wrong |= !reading->has_version && strcmp (value, VERSION) != 0;
  reading->has_version = TRUE;
}

static void
read_mode (Reading    *reading,
           const char *value)
{
  guint i = 0;

  while (mode_words[i] != NULL && strcmp (mode_words[i], value) != 0)
    i++;
  if (!reading->has_mode && mode_words[i] != NULL)
    reading->mode = (PhStsMode)i;
  reading->is_wrong |= !reading->has_mode && mode_words[i] == NULL;
  reading->has_mode = TRUE;
}

static void
read_age (Reading    *reading,
          const char *value)
{
  if (!reading->has_age && !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &reading->max_age, NULL))
    reading->is_wrong = TRUE;
  reading->has_age = TRUE;
}

static void
read_host (Reading    *reading,
           const char *value)
{
  g_ptr_array_add (reading->hosts, g_ascii_strdown (value, -1));
}

/* Of a field that comes twice the first counts, but for "mx"; unknown ones count for nothing (section 3.2). */
static void
read_line (Reading *reading,
           char    *line)
{
  static const struct
  {
    const char *key;
    void (*read) (Reading    *reading,
                  const char *value);
  } fields[] = { { "version", read_version }, { "mode", read_mode }, { "max_age", read_age }, { "mx", read_host } };
  char *colon = strchr (line, ':');

  if (colon == NULL)
    return;

  *colon = '\0';
  g_strstrip (line);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].key, line) == 0)
      fields[i].read (reading, g_strstrip (colon + 1));
}

PhStsPolicy *
ph_sts_policy_parse (const char *text,
                     gsize       length)
{
  g_autofree char *copy = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GPtrArray) hosts = g_ptr_array_new_with_free_func (g_free);
  Reading      reading = { .hosts = hosts };
  PhStsPolicy *self;

  if (length > PH_STS_POLICY_MAX || memchr (text, '\0', length) != NULL)
    return NULL;

  copy = g_strndup (text, length);
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    read_line (&reading, lines[i]);

  if (reading.is_wrong || !reading.has_version || !reading.has_mode || !reading.has_age || (hosts->len == 0 && reading.mode != PH_STS_NONE))
    return NULL;

  self = g_rc_box_new0 (PhStsPolicy);
  self->mode = reading.mode;
  self->max_age = (guint)MIN (reading.max_age, PH_STS_AGE_MAX);
  g_ptr_array_add (hosts, NULL);
  self->hosts = g_strdupv ((GStrv)hosts->pdata);

  return self;
}

gboolean
ph_sts_policy_has_host (const PhStsPolicy *self,
                        const char        *host)
{
  const char *dot = strchr (host, '.');

  for (guint i = 0; self->hosts[i] != NULL; i++)
    {
      const char *pattern = self->hosts[i];

      if (g_ascii_strcasecmp (pattern, host) == 0)
        return TRUE;
      if (g_str_has_prefix (pattern, "*.") && dot != NULL && dot > host && g_ascii_strcasecmp (pattern + 1, dot) == 0)
        return TRUE;
    }

  return FALSE;
}

/* The record */

static char *
read_id (const char *record)
{
  g_auto (GStrv) fields = g_strsplit (record, ";", -1);

  for (guint i = 1; fields[0] != NULL && fields[i] != NULL; i++)
    {
      char *equals = strchr (g_strstrip (fields[i]), '=');
      gsize length;

      if (equals == NULL)
        continue;
      *equals = '\0';
      g_strstrip (equals + 1);
      length = strlen (equals + 1);
      if (strcmp (g_strstrip (fields[i]), "id") == 0)
        return length > 0 && length <= ID_MAX && strspn (equals + 1, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS) == length ? g_strdup (equals + 1) : NULL;
    }

  return NULL;
}

static gboolean
is_record (const char *text)
{
  const char *after = text + strlen ("v=" VERSION);

  return g_str_has_prefix (text, "v=" VERSION) && (*after == ';' || *after == ' ' || *after == '\t');
}

char *
ph_sts_parse_id (const PhDnsAnswer *answer)
{
  g_autofree char *found = NULL;

  for (guint i = 0; i < answer->records->len; i++)
    {
      gsize            length;
      const char      *text = ph_dns_answer_get_text (answer, i, &length);
      g_autofree char *copy = g_strndup (text, length);

      if (!is_record (copy))
        continue;
      if (found != NULL)
        return NULL;
      found = g_steal_pointer (&copy);
    }

  return found != NULL ? read_id (found) : NULL;
}
