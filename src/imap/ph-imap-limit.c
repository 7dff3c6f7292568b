#include "ph-imap-session-private.h"

/* MESSAGELIMIT (RFC 9738): how many messages a command works on.  FETCH, SEARCH, STORE, MOVE and UID
 * EXPUNGE do it with those of the highest UIDs and say how far they came; COPY, APPEND, SORT and THREAD,
 * which are done as a whole, refuse. */

void
ph_imap_session_limit (PhImapSession *self,
                       GArray        *uids)
{
  if (self->message_limit == 0 || uids->len <= self->message_limit)
    return;

  g_array_remove_range (uids, 0, uids->len - self->message_limit);
  self->limited_at = g_array_index (uids, guint32, 0);
}

char *
ph_imap_session_dup_limit_code (PhImapSession *self)
{
  return self->limited_at != 0 ? g_strdup_printf ("MESSAGELIMIT %u %u", self->message_limit, self->limited_at) : NULL;
}

gboolean
ph_imap_session_check_limit (PhImapSession *self,
                             const GArray  *uids,
                             guint          n)
{
  g_autofree char *code = NULL;

  if (self->message_limit == 0 || n <= self->message_limit)
    return TRUE;

  code = uids != NULL ? g_strdup_printf ("MESSAGELIMIT %u %u", self->message_limit, g_array_index (uids, guint32, n - self->message_limit)) : g_strdup_printf ("MESSAGELIMIT %u", self->message_limit);
  ph_imap_session_no (self, code, "Too many messages at once");

  return FALSE;
}
