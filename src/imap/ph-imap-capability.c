#include "ph-imap-session-private.h"

/* What CAPABILITY names: a table of what works, in which state, on which condition. */

static gboolean
may_start_tls (PhImapSession *self)
{
  PhPeer *peer = ph_session_get_peer (PH_SESSION (self));

  return self->offer_starttls && peer != NULL && !peer->is_tls;
}

static gboolean
is_unprotected (PhImapSession *self)
{
  return !ph_imap_session_is_protected (self);
}

static gboolean
may_compress (PhImapSession *self)
{
  return self->deflate == NULL;
}

static const struct
{
  const char *names;
  guint       states;                  /* PhImapState */
  gboolean (*works) (PhImapSession *); /* or NULL: always */
} capabilities[] = {
  { "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE", PH_IMAP_ANY, NULL },
  { "STARTTLS", PH_IMAP_NOT_AUTHENTICATED, may_start_tls },
  { "LOGINDISABLED", PH_IMAP_NOT_AUTHENTICATED, is_unprotected },
  { "IDLE NAMESPACE CHILDREN UNSELECT UIDPLUS MOVE", PH_IMAP_LOGGED_IN, NULL },
  { "SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS STATUS=SIZE", PH_IMAP_LOGGED_IN, NULL },
  { "CONDSTORE QRESYNC OBJECTID PREVIEW ESEARCH SEARCHRES PARTIAL WITHIN SAVEDATE", PH_IMAP_LOGGED_IN, NULL },
  { "CONTEXT=SEARCH SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES SEARCH=FUZZY", PH_IMAP_LOGGED_IN, NULL },
  { "BINARY MULTIAPPEND REPLACE QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE INPROGRESS", PH_IMAP_LOGGED_IN, NULL },
  { "COMPRESS=DEFLATE", PH_IMAP_LOGGED_IN, may_compress },
  { "UTF8=ACCEPT I18NLEVEL=1 UIDONLY NOTIFY METADATA CATENATE", PH_IMAP_LOGGED_IN, NULL },
};

char *
ph_imap_session_format_capabilities (PhImapSession *self)
{
  GString                *text = g_string_new (NULL);
  g_autofree const char **mechanisms = ph_sasl_list_mechanisms (self->authenticator, ph_session_get_peer (PH_SESSION (self)));

  for (guint i = 0; i < G_N_ELEMENTS (capabilities); i++)
    if ((capabilities[i].states & self->state) != 0 && (capabilities[i].works == NULL || capabilities[i].works (self)))
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", capabilities[i].names);

  if (self->state == PH_IMAP_NOT_AUTHENTICATED)
    for (const char **mechanism = mechanisms; *mechanism != NULL; mechanism++)
      g_string_append_printf (text, " AUTH=%s", *mechanism);
  else
    g_string_append_printf (text, " APPENDLIMIT=%" G_GUINT64_FORMAT, MIN (self->append_size_max, G_MAXUINT32));
  if (self->state != PH_IMAP_NOT_AUTHENTICATED && self->message_limit > 0)
    g_string_append_printf (text, " MESSAGELIMIT=%u", self->message_limit);

  return g_string_free (text, FALSE);
}

void
ph_imap_command_capability (PhImapSession *self,
                            PhImapParser  *arguments)
{
  g_autofree char *text = NULL;

  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  text = ph_imap_session_format_capabilities (self);
  ph_imap_session_untagged (self, "CAPABILITY %s", text);
  ph_imap_session_ok (self, NULL, "Capabilities listed");
}
