#include "ph-imap-search-key.h"
#include "ph-imap-session-private.h"

/* What SEARCH, SORT and THREAD begin with: their keys, and what these find. */

typedef struct
{
  PhImapSession   *session;
  PhImapRelevancy *relevancy; /* the command's: not there any more once the session waits no longer */
  PhImapFoundFunc  function;
  GArray          *found; /* while what fits exactly is looked for */
} Find;

static void
find_free (Find *find)
{
  g_clear_pointer (&find->found, g_array_unref);
  g_object_unref (find->session);
  g_free (find);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Find, find_free)

/* The keys, once more without FUZZY where scores are wanted. */
PhSearchKey *
ph_imap_session_take_search (PhImapSession   *self,
                             PhImapParser    *arguments,
                             gboolean         with_scores,
                             guint           *traits,
                             PhImapRelevancy *relevancy)
{
  PhImapParser again = *arguments;
  g_autoptr (PhSearchKey) key = ph_imap_search_key_take (arguments, self->view, FALSE, traits);
  guint ignored;

  if (key == NULL || !with_scores)
    return g_steal_pointer (&key);
  /* RFC 6203 4 */
  if ((*traits & PH_IMAP_SEARCH_IS_FUZZY) == 0)
    {
      ph_imap_parser_fail (arguments, "RELEVANCY is for a FUZZY search");
      return NULL;
    }

  relevancy->key = ph_imap_search_key_take (&again, self->view, TRUE, &ignored);

  return g_steal_pointer (&key);
}

static void
on_exact (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Find) find = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) exact = ph_mailbox_search_finish (PH_MAILBOX (source), result, &error);

  if (!ph_imap_session_is_waiting (find->session))
    return;

  find->relevancy->exact = g_steal_pointer (&exact);
  find->function (find->session, find->relevancy->exact != NULL ? find->found : NULL, error);
}

static void
on_found (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Find) find = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = ph_mailbox_search_finish (PH_MAILBOX (source), result, &error);
  PhImapSession *self = find->session;
  PhSearchKey   *key;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (found == NULL || find->relevancy->key == NULL)
    {
      find->function (self, found, error);
      return;
    }

  find->found = g_array_ref (found);
  key = g_steal_pointer (&find->relevancy->key);
  ph_mailbox_search_async (PH_MAILBOX (source), key, (const guint32 *)(gpointer)found->data, found->len, self->cancellable, on_exact, g_steal_pointer (&find));
}

/* Those that the keys at the top name by UID or number are all that is searched. */
static void
keep_named (const PhSearchKey *key,
            GArray            *uids)
{
  for (guint i = 0; key->children != NULL && i < key->children->len; i++)
    {
      const PhSearchKey *child = g_ptr_array_index (key->children, i);
      guint              n = 0;

      if (child->op != PH_SEARCH_UIDS)
        continue;
      for (guint k = 0; k < uids->len; k++)
        if (ph_search_key_has_uid (child, g_array_index (uids, guint32, k)))
          g_array_index (uids, guint32, n++) = g_array_index (uids, guint32, k);
      g_array_set_size (uids, n);
    }
}

/* FALSE, and answered, where it is too many (RFC 9738 3.1, 3.3). */
static gboolean
limit (PhImapSession     *self,
       const PhSearchKey *key,
       GArray            *uids)
{
  if (self->message_limit == 0)
    return TRUE;

  keep_named (key, uids);
  if (self->command->run != ph_imap_command_search)
    return ph_imap_session_check_limit (self, uids, uids->len);
  ph_imap_session_limit (self, uids);

  return TRUE;
}

void
ph_imap_session_find (PhImapSession   *self,
                      PhSearchKey     *key,
                      guint            traits,
                      PhImapRelevancy *relevancy,
                      PhImapFoundFunc  function)
{
  g_autoptr (GArray) uids = ph_imap_view_dup_uids (self->view);
  Find *find;

  if ((traits & PH_IMAP_SEARCH_USES_MODSEQ) != 0)
    ph_imap_session_enable (self, PH_IMAP_ENABLED_CONDSTORE);

  if (!limit (self, key, uids))
    {
      ph_search_key_free (key);
      return;
    }

  find = g_new0 (Find, 1);
  find->session = g_object_ref (self);
  find->relevancy = relevancy;
  find->function = function;
  ph_mailbox_search_async (ph_imap_view_get_mailbox (self->view), key, (const guint32 *)(gpointer)uids->data, uids->len, self->cancellable, on_found, find);
}
