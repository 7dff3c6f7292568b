#include "ph-imap-context.h"

#include "ph-uid-ranges.h"

#include <string.h>

/* How far a mailbox and the view of it have come. */
typedef struct
{
  guint64 modseq;
  guint64 n_changes;
  guint32 last_uid;
} PhImapContextPlace;

struct _PhImapContext
{
  char        *tag;
  gboolean     by_uid;
  PhSearchKey *key;
  GArray      *known; /* of guint32: the result as the client knows it, ascending */

  PhImapContextPlace seen; /* what comes after it has not been looked at */
};

/* A search of what changed, for one context. */
typedef struct
{
  PhImapSession     *session;
  char              *tag;
  GArray            *changed; /* of guint32, ascending */
  PhImapContextPlace seen;
} Look;

static void
look_free (Look *look)
{
  g_object_unref (look->session);
  g_array_unref (look->changed);
  g_free (look->tag);
  g_free (look);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Look, look_free)

static PhImapContextPlace
get_place (PhImapSession *session)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);

  return (PhImapContextPlace){
    .modseq = ph_mailbox_get_highestmodseq (mailbox),
    .n_changes = ph_mailbox_get_n_changes (mailbox),
    .last_uid = ph_imap_view_get_last_uid (session->view),
  };
}

PhImapContext *
ph_imap_context_new (PhImapSession     *session,
                     const PhSearchKey *key)
{
  PhImapContext *self = g_new0 (PhImapContext, 1);

  self->tag = g_strdup (session->tag);
  self->by_uid = session->by_uid;
  self->key = ph_search_key_copy (key);
  self->seen = get_place (session);

  return self;
}

void
ph_imap_context_free (PhImapContext *self)
{
  g_free (self->tag);
  ph_search_key_free (self->key);
  g_clear_pointer (&self->known, g_array_unref);
  g_free (self);
}

static PhImapContext *
find_context (PhImapSession *session,
              const char    *tag)
{
  for (guint i = 0; i < session->contexts->len; i++)
    {
      PhImapContext *context = g_ptr_array_index (session->contexts, i);

      if (strcmp (context->tag, tag) == 0)
        return context;
    }

  return NULL;
}

gboolean
ph_imap_context_exists (PhImapSession *session,
                        const char    *tag)
{
  return find_context (session, tag) != NULL;
}

void
ph_imap_context_add (PhImapSession *session,
                     PhImapContext *self,
                     const GArray  *uids)
{
  self->known = g_array_copy ((GArray *)uids);
  g_ptr_array_add (session->contexts, self);
}

gboolean
ph_imap_context_remove (PhImapSession *session,
                        const char    *tag)
{
  PhImapContext *context = find_context (session, tag);

  return context != NULL && g_ptr_array_remove (session->contexts, context);
}

/* Where a UID is in `uids`, or belongs. */
static gboolean
find_uid (const GArray *uids,
          guint32       uid,
          guint        *position)
{
  guint low = 0;
  guint high = uids->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (uids, guint32, middle) < uid)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;

  return low < uids->len && g_array_index (uids, guint32, low) == uid;
}

/* " ADDTO (0 3:5)": in mailbox order, so the client finds the places (4.3.3, 4.3.4). */
static void
append_item (PhImapSession       *session,
             const PhImapContext *self,
             const char          *name,
             const GArray        *uids,
             GString             *line)
{
  g_autoptr (GArray) numbers = NULL;

  if (uids->len == 0)
    return;

  numbers = ph_imap_session_dup_numbers (session, uids, self->by_uid);
  g_string_append_printf (line, " %s (0 ", name);
  ph_imap_set_format ((const guint32 *)(gpointer)numbers->data, numbers->len, line);
  g_string_append_c (line, ')');
}

static void
tell (PhImapSession       *session,
      const PhImapContext *self,
      const GArray        *removed,
      const GArray        *added)
{
  g_autoptr (GString) line = NULL;

  if (removed->len == 0 && added->len == 0)
    return;

  line = g_string_new (NULL);
  g_string_printf (line, "* ESEARCH (TAG \"%s\")%s", self->tag, self->by_uid ? " UID" : "");
  append_item (session, self, "REMOVEFROM", removed, line);
  append_item (session, self, "ADDTO", added, line);
  g_string_append (line, "\r\n");
  ph_imap_session_send (line->str, line->len, session);
}

void
ph_imap_context_tell_gone (PhImapSession *session)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);

  for (guint i = 0; i < session->contexts->len; i++)
    {
      PhImapContext *self = g_ptr_array_index (session->contexts, i);
      g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint32));
      guint n_kept = 0;
      guint position;

      for (guint j = 0; j < self->known->len; j++)
        {
          guint32 uid = g_array_index (self->known, guint32, j);

          if (ph_mailbox_find_uid (mailbox, uid, &position))
            g_array_index (self->known, guint32, n_kept++) = uid;
          else
            g_array_append_val (gone, uid);
        }
      g_array_set_size (self->known, n_kept);
      tell (session, self, gone, none);
    }
}

/* From `position` on: those whose flags changed, and those that are new. */
static void
append_changed (PhImapSession       *session,
                const PhImapContext *self,
                guint                position,
                GArray              *changed)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);
  guint      n = ph_imap_view_get_n_entries (session->view);

  for (; position < n; position++)
    {
      guint32 uid = ph_imap_view_get_entry (session->view, position)->uid;
      guint   place;

      if (ph_mailbox_find_uid (mailbox, uid, &place) && (uid > self->seen.last_uid || ph_mailbox_get_info (mailbox, place)->modseq > self->seen.modseq))
        g_array_append_val (changed, uid);
    }
}

/* Other messages are as they were: only flags change.  Ascending. */
static GArray *
dup_changed (PhImapSession       *session,
             const PhImapContext *self)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);
  GArray    *changed = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint position, place;

  if (ph_mailbox_get_highestmodseq (mailbox) == self->seen.modseq && ph_imap_view_get_last_uid (session->view) == self->seen.last_uid)
    return changed;
  if (!ph_mailbox_list_changes (mailbox, self->seen.n_changes, uids))
    {
      append_changed (session, self, 0, changed);
      return changed;
    }

  ph_uid_sort (uids);
  for (guint i = 0; i < uids->len; i++)
    {
      guint32 uid = g_array_index (uids, guint32, i);

      if (uid <= self->seen.last_uid && ph_imap_view_find_uid (session->view, uid, &position) && ph_mailbox_find_uid (mailbox, uid, &place))
        g_array_append_val (changed, uid);
    }
  if (ph_imap_view_find_uid (session->view, self->seen.last_uid, &position))
    position++;
  append_changed (session, self, position, changed);

  return changed;
}

static void
compare (PhImapSession *session,
         PhImapContext *self,
         const GArray  *changed,
         const GArray  *matching)
{
  g_autoptr (GArray) removed = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) added = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < changed->len; i++)
    {
      guint32  uid = g_array_index (changed, guint32, i);
      guint    position, ignored;
      gboolean was_known = find_uid (self->known, uid, &position);
      gboolean matches = find_uid (matching, uid, &ignored);

      if (was_known && !matches)
        {
          g_array_remove_index (self->known, position);
          g_array_append_val (removed, uid);
        }
      else if (matches && !was_known)
        {
          g_array_insert_val (self->known, position, uid);
          g_array_append_val (added, uid);
        }
    }
  tell (session, self, removed, added);
}

/* Before the tagged line that waits for it, or between commands, with nothing half said. */
static gboolean
may_tell (PhImapSession *session)
{
  if (session->ended || session->view == NULL)
    return FALSE;

  return session->held_answer != NULL || (!session->busy && session->input != PH_IMAP_INPUT_APPEND && ph_session_can_write (PH_SESSION (session)));
}

static void look (PhImapSession *session);

static void
on_found (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Look) search = user_data;
  g_autoptr (GArray) matching = ph_mailbox_search_finish (PH_MAILBOX (source), result, NULL);
  PhImapSession *session = search->session;
  PhImapContext *context;

  session->is_looking = FALSE;
  if (!may_tell (session))
    return; /* the end of the command that runs looks again */

  /* It may have been cancelled, or the mailbox left. */
  context = PH_MAILBOX (source) == ph_imap_view_get_mailbox (session->view) ? find_context (session, search->tag) : NULL;
  if (context != NULL)
    {
      if (matching != NULL)
        compare (session, context, search->changed, matching);
      context->seen = search->seen;
    }
  look (session);
}

/* The next context for which something changed; one at a time, each once. */
static void
look (PhImapSession *session)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);

  while (session->n_looked < session->contexts->len)
    {
      PhImapContext *context = g_ptr_array_index (session->contexts, session->n_looked++);
      g_autoptr (GArray) changed = dup_changed (session, context);
      Look *search;

      if (changed->len == 0)
        {
          context->seen = get_place (session);
          continue;
        }
      search = g_new0 (Look, 1);
      search->session = g_object_ref (session);
      search->tag = g_strdup (context->tag);
      search->changed = g_steal_pointer (&changed);
      search->seen = get_place (session);
      session->is_looking = TRUE;
      ph_mailbox_search_async (mailbox, ph_search_key_copy (context->key), (const guint32 *)(gpointer)search->changed->data, search->changed->len,
                               session->cancellable, on_found, search);
      return;
    }

  ph_imap_session_release_answer (session);
  ph_session_changed (PH_SESSION (session));
}

gboolean
ph_imap_context_update (PhImapSession *session)
{
  gboolean has_changes = session->is_looking;

  if (session->view == NULL || session->contexts->len == 0)
    return FALSE;

  for (guint i = 0; i < session->contexts->len && !has_changes; i++)
    {
      g_autoptr (GArray) changed = dup_changed (session, g_ptr_array_index (session->contexts, i));

      has_changes = changed->len > 0;
    }
  session->n_looked = 0;
  if (has_changes && !session->is_looking)
    look (session);

  return has_changes;
}
