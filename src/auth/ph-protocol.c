#include "ph-protocol.h"

#include <glib/gi18n-lib.h>

static const struct
{
  PhProtocols protocol;
  const char *name;
  const char *refusal;
} rows[] = {
  { PH_PROTOCOL_IMAP, "imap", N_ ("IMAP is switched off for this account") },
  { PH_PROTOCOL_POP3, "pop3", N_ ("POP3 is switched off for this account") },
  { PH_PROTOCOL_SUBMISSION, "submission", N_ ("Sending is switched off for this account") },
};

/* The row of one protocol; the last for what is none. */
static guint
find_row (PhProtocols protocol)
{
  guint i = 0;

  while (i + 1 < G_N_ELEMENTS (rows) && rows[i].protocol != protocol)
    i++;

  return i;
}

const char *
ph_protocol_get_name (PhProtocols protocol)
{
  return rows[find_row (protocol)].name;
}

const char *
ph_protocol_get_refusal (PhProtocols protocol)
{
  return rows[find_row (protocol)].refusal;
}

char **
ph_protocols_format (PhProtocols protocols)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (protocols & rows[i].protocol)
      g_strv_builder_add (names, rows[i].name);

  return g_strv_builder_end (names);
}

gboolean
ph_protocols_parse (const char *const *names,
                    PhProtocols       *protocols,
                    const char       **unknown)
{
  *protocols = 0;
  for (; *names != NULL; names++)
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (rows) && g_ascii_strcasecmp (rows[i].name, *names) != 0)
        i++;
      if (i == G_N_ELEMENTS (rows))
        {
          *unknown = *names;
          return FALSE;
        }
      *protocols |= rows[i].protocol;
    }

  return TRUE;
}
