/* Who has to go, and addresses that no service talks to. */

#include "ph-server-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
ph_server_disconnect (PhServer         *self,
                      PhJournalSession *session)
{
  g_return_val_if_fail (PH_IS_SERVER (self) && PH_IS_JOURNAL_SESSION (session), FALSE);

  for (guint i = 0; i < ph_server_count_services (self); i++)
    if (ph_service_disconnect (ph_server_get_service (self, i), session))
      {
        ph_journal_session_note (session, N_ ("Disconnected by hand"));
        return TRUE;
      }

  return FALSE;
}

/* "127.0.0.1:4034", "[2001:db8::1]:4034", or the address alone. */
static char *
dup_address (const char *peer)
{
  const char *end;

  if (*peer == '[')
    return (end = strchr (peer, ']')) != NULL ? g_strndup (peer + 1, (gsize)(end - peer) - 1) : g_strdup (peer);

  end = strchr (peer, ':');

  return end != NULL && strchr (end + 1, ':') == NULL ? g_strndup (peer, (gsize)(end - peer)) : g_strdup (peer);
}

/* Who is here already goes, too. */
static void
disconnect_all (PhServer   *self,
                const char *network)
{
  g_autoptr (GPtrArray) sessions = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->journal)); i++)
    {
      PhJournalSession *session = g_list_model_get_item (G_LIST_MODEL (self->journal), i);
      const char       *peer = ph_journal_session_get_peer (session);
      g_autofree char  *address = peer != NULL ? dup_address (peer) : NULL;
      g_autofree char  *of = address != NULL ? ph_peer_dup_network (address) : NULL;

      if (g_strcmp0 (of, network) == 0 && !ph_journal_session_is_outgoing (session) && ph_journal_session_get_state (session) == PH_JOURNAL_RUNNING)
        g_ptr_array_add (sessions, session);
      else
        g_object_unref (session);
    }
  for (guint i = 0; i < sessions->len; i++)
    ph_server_disconnect (self, sessions->pdata[i]);
}

GListModel *
ph_server_get_blocked (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  return G_LIST_MODEL (self->blocked);
}

char *
ph_server_block (PhServer   *self,
                 const char *peer,
                 guint       seconds)
{
  g_autofree char *address = NULL;
  g_autofree char *network = NULL;

  g_return_val_if_fail (PH_IS_SERVER (self), NULL);

  address = dup_address (peer);
  network = ph_peer_dup_network (address);
  if (network == NULL || !ph_block_list_add (self->blocked, network, seconds))
    return NULL;
  disconnect_all (self, network);

  return g_steal_pointer (&network);
}

gboolean
ph_server_unblock (PhServer   *self,
                   const char *address)
{
  g_return_val_if_fail (PH_IS_SERVER (self), FALSE);

  return ph_block_list_remove (self->blocked, address);
}
