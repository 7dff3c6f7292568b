#include "ph-imap-session-private.h"

#include "ph-imap-flags.h"
#include "ph-store-error.h"

/* STORE (RFC 3501 6.4.6, 7162 3.1.3). */

typedef struct
{
  GArray       *uids;
  PhFlagsChange change;
  PhImapFlags   flags;
  gboolean      silent;
  gboolean      conditional;
  guint64       unchanged_since;
} Store;

static void
store_free (gpointer data)
{
  Store *store = data;

  g_clear_pointer (&store->uids, g_array_unref);
  ph_imap_flags_clear (&store->flags);
  g_free (store);
}

/* "(UNCHANGEDSINCE 17) ", or nothing. */
static gboolean
take_modifiers (PhImapParser *arguments,
                Store        *store)
{
  store->unchanged_since = G_MAXUINT64;
  if (!ph_imap_parser_skip_char (arguments, '('))
    return TRUE;
  if (!ph_imap_parser_skip_word (arguments, "UNCHANGEDSINCE"))
    return ph_imap_parser_fail (arguments, "Unknown modifier");

  store->conditional = TRUE;

  return ph_imap_parser_take_space (arguments) && ph_imap_parser_take_number (arguments, G_MAXINT64, &store->unchanged_since) && ph_imap_parser_take_char (arguments, ')') && ph_imap_parser_take_space (arguments);
}

/* "+FLAGS.SILENT (\Deleted)" */
static gboolean
take_change (PhImapParser *arguments,
             Store        *store)
{
  store->change = PH_FLAGS_SET;
  if (ph_imap_parser_skip_char (arguments, '+'))
    store->change = PH_FLAGS_ADD;
  else if (ph_imap_parser_skip_char (arguments, '-'))
    store->change = PH_FLAGS_REMOVE;

  store->silent = ph_imap_parser_skip_word (arguments, "FLAGS.SILENT");
  if (!store->silent && !ph_imap_parser_skip_word (arguments, "FLAGS"))
    return ph_imap_parser_fail (arguments, "Expected FLAGS");

  return ph_imap_parser_take_space (arguments) && ph_imap_flags_take (arguments, TRUE, &store->flags);
}

static void
tell_message (PhImapSession *self,
              const Store   *store,
              guint          position,
              GString       *line)
{
  const gboolean with_modseq = (self->enabled & PH_IMAP_ENABLED_CONDSTORE) != 0;

  if (store->silent)
    ph_imap_view_expect_flags (self->view, position, store->change, store->flags.system,
                               ph_imap_flags_get_keywords (&store->flags));
  if (store->silent && !with_modseq)
    return;

  ph_imap_view_begin_fetch (self->view, position, self->by_uid || with_modseq, line);
  if (store->silent)
    ph_imap_view_tell_modseq (self->view, ph_imap_view_get_entry (self->view, position)->uid, line);
  else
    ph_imap_view_tell_flags (self->view, position, FALSE, line);
  g_string_append (line, ")\r\n");
  ph_imap_session_send (line->str, line->len, self);
}

/* The client's own change: told once, or expected (I04); what was left alone comes with
 * the news.  `modified` are the UIDs of those, ascending, or NULL. */
static guint
tell_result (PhImapSession *self,
             const Store   *store,
             const GArray  *modified)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint n_gone = 0;
  guint next = 0;

  for (guint i = 0; i < store->uids->len; i++)
    {
      guint32 uid = g_array_index (store->uids, guint32, i);
      guint   position;

      if (!ph_imap_view_find_uid (self->view, uid, &position))
        continue;
      if (ph_imap_view_is_gone (self->view, uid))
        {
          n_gone++;
          continue;
        }
      while (modified != NULL && next < modified->len && g_array_index (modified, guint32, next) < uid)
        next++;
      if (modified == NULL || next == modified->len || g_array_index (modified, guint32, next) != uid)
        tell_message (self, store, position, line);
    }

  return n_gone;
}

/* RFC 7162 3.1.3: "MODIFIED 7,9", as UIDs or numbers by the command (I18). */
static char *
format_modified (PhImapSession *self,
                 GArray        *modified)
{
  g_autoptr (GArray) numbers = ph_imap_session_dup_numbers (self, modified, self->by_uid);
  GString *code = g_string_new ("MODIFIED ");

  ph_imap_set_format ((const guint32 *)(gpointer)numbers->data, numbers->len, code);

  return g_string_free (code, FALSE);
}

/* `modified`: the UIDs of those left alone, or NULL.  RFC 2180 4.2: messages that another session has expunged fail no silent STORE. */
static void
answer (PhImapSession *self,
        GArray        *modified)
{
  const Store     *store = self->work;
  g_autofree char *code = modified != NULL ? format_modified (self, modified) : NULL;
  gboolean         some_gone;

  /* A new keyword is named before a message has it (I13). */
  ph_imap_view_sync_keywords (self->view, ph_imap_session_send, self);
  some_gone = tell_result (self, store, modified) > 0 && !self->by_uid;
  if (some_gone && code == NULL)
    code = g_strdup ("EXPUNGEISSUED");

  if (some_gone && !store->silent)
    ph_imap_session_no (self, code, "Some of the messages have been deleted");
  else
    ph_imap_session_ok (self, code, modified != NULL ? "Some had changed, and were left alone" : "Stored");
}

/* TRUE where all is so already: clients mark as read what is read.  The index need not be asked: all that this session
 * did is known here, and what another is about to do was asked for at the same time and comes after this. */
static gboolean
changes_nothing (PhImapSession *self,
                 const Store   *store)
{
  const char *const *keywords = ph_imap_flags_get_keywords (&store->flags);
  PhMailbox         *mailbox = ph_imap_view_get_mailbox (self->view);

  if (store->change == PH_FLAGS_SET || store->conditional || (keywords != NULL && *keywords != NULL))
    return FALSE;

  for (guint i = 0; i < store->uids->len; i++)
    {
      guint   position;
      PhFlags both;

      if (!ph_mailbox_find_uid (mailbox, g_array_index (store->uids, guint32, i), &position))
        continue;
      both = ph_mailbox_get_info (mailbox, position)->flags & store->flags.system;
      if (both != (store->change == PH_FLAGS_ADD ? store->flags.system : 0))
        return FALSE;
    }

  return TRUE;
}

static void
on_stored (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) modified = NULL;
  gboolean stored = ph_mailbox_store_flags_finish (PH_MAILBOX (source), result, &modified, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (!stored)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID))
        ph_imap_session_no (self, "LIMIT", "Too many keywords in this mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  answer (self, modified);
}

/* Answers and is FALSE where nothing is to be stored. */
static gboolean
check_store (PhImapSession *self,
             Store         *store,
             GArray        *set)
{
  if (ph_imap_view_get_read_only (self->view))
    {
      ph_imap_session_no (self, "READ-ONLY", "The mailbox was opened with EXAMINE");
      return FALSE;
    }
  if (store->flags.over_limit)
    {
      ph_imap_session_no (self, "LIMIT", "Too many keywords, or one too long");
      return FALSE;
    }

  store->uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (store->uids == NULL)
    {
      ph_imap_session_bad (self, "There is no message with such a number");
      return FALSE;
    }
  if (store->uids->len == 0)
    {
      ph_imap_session_ok (self, NULL, "Nothing to store");
      return FALSE;
    }
  ph_imap_session_limit (self, store->uids);

  return TRUE;
}

void
ph_imap_command_store (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autoptr (GArray) set = NULL;
  Store *store = g_new0 (Store, 1);

  if (ph_imap_parser_take_space (arguments) && ph_imap_set_take (arguments, &set) && ph_imap_parser_take_space (arguments) && take_modifiers (arguments, store))
    take_change (arguments, store);

  if (!ph_imap_session_end_arguments (self, arguments) || !check_store (self, store, set))
    {
      store_free (store);
      return;
    }

  if (store->conditional)
    ph_imap_session_enable (self, PH_IMAP_ENABLED_CONDSTORE);
  ph_imap_session_wait (self, store, store_free);
  if (changes_nothing (self, store))
    {
      answer (self, NULL);
      return;
    }
  ph_mailbox_store_flags_async (ph_imap_view_get_mailbox (self->view),
                                (const guint32 *)(gpointer)store->uids->data, store->uids->len,
                                store->change, store->flags.system,
                                ph_imap_flags_get_keywords (&store->flags), store->unchanged_since,
                                self->cancellable, on_stored, g_object_ref (self));
}
