/* UTF8 and LANG (RFC 6856). */

#include "ph-pop3-session-private.h"

#include <string.h>

/* P08: messages with UTF-8 in their header are sent as they are, asked for or not: what an old
 * program can't get, it can't delete either, and it would stay for ever.  So the mode changes
 * nothing but what the client may expect. */
void
ph_pop3_command_utf8 (PhPop3Session *self,
                      const char    *argument)
{
  self->utf8 = TRUE;
  ph_pop3_session_reply (self, "+OK UTF-8 it is");
}

static const struct
{
  const char *tag;
  const char *name; /* in the language itself */
} languages[] = {
  { "en", "English" },
};

static void
list_languages (PhPop3Session *self)
{
  ph_pop3_session_reply_more (self, "+OK What I speak:");
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    ph_pop3_session_reply_more (self, "%s %s", languages[i].tag, languages[i].name);
  ph_pop3_session_reply (self, ".");
}

void
ph_pop3_command_lang (PhPop3Session *self,
                      const char    *argument)
{
  if (*argument == '\0')
    {
      list_languages (self);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (g_ascii_strcasecmp (argument, languages[i].tag) == 0 || strcmp (argument, "*") == 0)
      {
        ph_pop3_session_reply (self, "+OK %s %s it is", languages[i].tag, languages[i].name);
        return;
      }

  ph_pop3_session_reply (self, "-ERR That language is not spoken here");
}
