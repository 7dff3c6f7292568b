#include "ph-imap-session-private.h"

/* ENABLE (RFC 5161): what changes the protocol only where a client asks for it. */

static const struct
{
  const char   *name;
  PhImapEnabled feature;
} features[] = {
  { "CONDSTORE", PH_IMAP_ENABLED_CONDSTORE },
  { "QRESYNC", PH_IMAP_ENABLED_QRESYNC },
  { "UTF8=ACCEPT", PH_IMAP_ENABLED_UTF8 },
  { "IMAP4rev2", PH_IMAP_ENABLED_REV2 },
  { "UIDONLY", PH_IMAP_ENABLED_UIDONLY },
};

void
ph_imap_session_enable (PhImapSession *self,
                        guint          enabled)
{
  guint before = self->enabled;

  if ((enabled & PH_IMAP_ENABLED_QRESYNC) != 0)
    enabled |= PH_IMAP_ENABLED_CONDSTORE;
  self->enabled |= enabled;
  if (self->view == NULL || self->enabled == before)
    return;

  ph_imap_view_set_enabled (self->view, self->enabled);
  /* RFC 7162 3.1 */
  if (((self->enabled & ~before) & PH_IMAP_ENABLED_CONDSTORE) != 0)
    ph_imap_session_untagged (self, "OK [HIGHESTMODSEQ %" G_GUINT64_FORMAT "] Changes are counted",
                              ph_mailbox_get_highestmodseq (ph_imap_view_get_mailbox (self->view)));
}

char *
ph_imap_session_dup_modseq_code (PhImapSession *self,
                                 PhMailbox     *mailbox,
                                 PhImapEnabled  feature)
{
  if ((self->enabled & feature) == 0)
    return NULL;

  return g_strdup_printf ("HIGHESTMODSEQ %" G_GUINT64_FORMAT, ph_mailbox_get_highestmodseq (mailbox));
}

/* What is unknown is ignored. */
void
ph_imap_command_enable (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autoptr (GString) enabled = g_string_new ("ENABLED");
  guint wanted = 0;

  do
    {
      g_autofree char *name = NULL;

      if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_atom (arguments, &name))
        break;
      for (guint i = 0; i < G_N_ELEMENTS (features); i++)
        if (g_ascii_strcasecmp (name, features[i].name) == 0)
          wanted |= features[i].feature;
    }
  while (!ph_imap_parser_at_end (arguments));

  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    if ((wanted & ~self->enabled & features[i].feature) != 0)
      g_string_append_printf (enabled, " %s", features[i].name);
  ph_imap_session_untagged (self, "%s", enabled->str);
  ph_imap_session_enable (self, wanted);
  ph_imap_session_ok (self, NULL, "Done");
}
