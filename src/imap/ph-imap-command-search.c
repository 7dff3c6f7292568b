#include "ph-imap-context.h"
#include "ph-imap-number.h"
#include "ph-imap-return.h"
#include "ph-imap-search-key.h"
#include "ph-imap-session-private.h"

#include <string.h>

/* SEARCH (RFC 3501 6.4.4), its extended result (4731, 5182, 9394), MODSEQ in it (7162), and whether it is kept up to date (5267). */

typedef struct
{
  PhImapReturn    wanted;
  guint           traits; /* PhImapSearchTraits */
  PhImapRelevancy relevancy;
  PhImapContext  *context; /* or NULL */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  ph_imap_relevancy_clear (&search->relevancy);
  g_clear_pointer (&search->context, ph_imap_context_free);
  g_free (search);
}

gboolean
ph_imap_charset_is_known (const char *charset)
{
  return g_ascii_strcasecmp (charset, "UTF-8") == 0 || g_ascii_strcasecmp (charset, "US-ASCII") == 0;
}

/* *known is FALSE for a charset other than US-ASCII and UTF-8 (I39). */
static gboolean
take_charset (PhImapParser *arguments,
              gboolean      forbidden,
              gboolean     *known)
{
  g_autofree char *charset = NULL;

  *known = TRUE;
  if (!ph_imap_parser_skip_word (arguments, "CHARSET"))
    return TRUE;
  /* RFC 9755 3: everything is UTF-8 then. */
  if (forbidden)
    return ph_imap_parser_fail (arguments, "No CHARSET where UTF8=ACCEPT is enabled");
  if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_astring (arguments, &charset))
    return FALSE;

  *known = ph_imap_charset_is_known (charset);

  return !*known || ph_imap_parser_take_space (arguments);
}

GArray *
ph_imap_session_dup_numbers (PhImapSession *self,
                             const GArray  *uids,
                             gboolean       by_uid)
{
  GArray *numbers = g_array_sized_new (FALSE, FALSE, sizeof (guint32), uids->len);

  for (guint i = 0; i < uids->len; i++)
    {
      guint32 uid = g_array_index (uids, guint32, i);
      guint   position;
      guint32 number;

      if (!ph_imap_view_find_uid (self->view, uid, &position))
        continue;
      number = by_uid ? uid : position + 1;
      g_array_append_val (numbers, number);
    }

  return numbers;
}

static guint64
find_modseq (PhImapSession *self,
             guint32        uid)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (self->view);
  guint      position;

  return ph_mailbox_find_uid (mailbox, uid, &position) ? ph_mailbox_get_info (mailbox, position)->modseq : 0;
}

/* RFC 7162 3.1.5, 3.1.10: of the messages that are told of. */
guint64
ph_imap_session_find_modseq (PhImapSession      *self,
                             guint               traits,
                             const PhImapReturn *wanted,
                             GArray             *found)
{
  const guint ends = PH_IMAP_RETURN_MIN | PH_IMAP_RETURN_MAX;
  const guint options = wanted->options & ~(guint)PH_IMAP_RETURN_UPDATE;
  guint64     highest = 0;

  if (found->len == 0 || (traits & PH_IMAP_SEARCH_USES_MODSEQ) == 0)
    return 0;

  if (wanted->extended && (options & ends) != 0 && (options & ~ends) == 0)
    {
      guint64 first = find_modseq (self, g_array_index (found, guint32, 0));
      guint64 last = find_modseq (self, g_array_index (found, guint32, found->len - 1));

      return MAX ((wanted->options & PH_IMAP_RETURN_MIN) != 0 ? first : 0,
                  (wanted->options & PH_IMAP_RETURN_MAX) != 0 ? last : 0);
    }

  for (guint i = 0; i < found->len; i++)
    {
      guint64 modseq = find_modseq (self, g_array_index (found, guint32, i));

      highest = MAX (highest, modseq);
    }

  return highest;
}

void
ph_imap_session_tell_found (PhImapSession         *self,
                            const char            *response,
                            const PhImapReturn    *wanted,
                            GArray                *uids,
                            guint64                modseq,
                            const PhImapRelevancy *relevancy)
{
  g_autoptr (GArray) numbers = ph_imap_session_dup_numbers (self, uids, self->by_uid);
  g_autofree guint8 *scores = ph_imap_relevancy_dup_scores (relevancy, uids);
  g_autoptr (GString) line = g_string_new (NULL);

  if ((wanted->options & PH_IMAP_RETURN_SAVE) != 0)
    {
      g_autoptr (GArray) saved = ph_imap_return_dup_saved (wanted, (const guint32 *)(gpointer)uids->data, uids->len);

      ph_imap_view_save (self->view, saved);
      if ((wanted->options & ~(guint)PH_IMAP_RETURN_UPDATE) == PH_IMAP_RETURN_SAVE)
        return;
    }

  if (wanted->extended)
    {
      ph_imap_return_format (wanted, self->tag, self->by_uid, (const guint32 *)(gpointer)numbers->data, numbers->len, modseq, scores, line);
    }
  else
    {
      g_string_printf (line, "* %s", response);
      for (guint i = 0; i < numbers->len; i++)
        {
          g_string_append_c (line, ' ');
          ph_imap_number_append (g_array_index (numbers, guint32, i), line);
        }
      if (numbers->len > 0 && modseq > 0)
        g_string_append_printf (line, " (MODSEQ %" G_GUINT64_FORMAT ")", modseq);
      g_string_append (line, "\r\n");
    }
  ph_imap_session_send (line->str, line->len, self);
}

static void
tell (PhImapSession *self,
      GArray        *found)
{
  Search *search = self->work;

  ph_imap_session_tell_found (self, "SEARCH", &search->wanted, found,
                              ph_imap_session_find_modseq (self, search->traits, &search->wanted, found), &search->relevancy);
  if (search->context != NULL)
    ph_imap_context_add (self, g_steal_pointer (&search->context), found);
  ph_imap_session_ok (self, NULL, "Searched");
}

static void
fail (PhImapSession *self,
      const GError  *error)
{
  const Search *search = self->work;

  /* RFC 5182 2.1 */
  if ((search->wanted.options & PH_IMAP_RETURN_SAVE) != 0)
    ph_imap_view_save (self->view, NULL);
  ph_imap_session_fail (self, error);
}

static void
on_found (PhImapSession *self,
          GArray        *found,
          const GError  *error)
{
  if (found != NULL)
    tell (self, found);
  else
    fail (self, error);
}

void
ph_imap_session_refuse_update (PhImapSession *self,
                               const char    *why)
{
  ph_imap_session_untagged (self, "NO [NOUPDATE \"%s\"] %s", self->tag, why);
}

/* NULL, and said, if there is none. */
static PhImapContext *
begin_context (PhImapSession     *self,
               const PhSearchKey *key,
               guint              traits)
{
  /* What is recent, and how old it is, changes by itself. */
  if ((traits & PH_IMAP_SEARCH_WANDERS) != 0)
    ph_imap_session_refuse_update (self, "No updates for a search by age or \\Recent");
  else if (self->message_limit > 0 && ph_imap_view_get_n_entries (self->view) > self->message_limit)
    ph_imap_session_refuse_update (self, "No updates where not all messages are searched");
  else if (self->contexts->len >= PH_IMAP_CONTEXTS_MAX)
    ph_imap_session_refuse_update (self, "Too many searches are kept up to date; CANCELUPDATE ends one");
  else
    return ph_imap_context_new (self, key);

  return NULL;
}

void
ph_imap_command_search (PhImapSession *self,
                        PhImapParser  *arguments)
{
  g_autoptr (PhSearchKey) key = NULL;
  Search  *search = g_new0 (Search, 1);
  gboolean known = TRUE;

  /* RFC 9051 6.4.4 */
  if ((self->enabled & PH_IMAP_ENABLED_REV2) != 0)
    search->wanted = (PhImapReturn){ .extended = TRUE, .options = PH_IMAP_RETURN_ALL };

  if (ph_imap_parser_take_space (arguments) && ph_imap_return_take (arguments, &search->wanted) && take_charset (arguments, (self->enabled & PH_IMAP_ENABLED_UTF8) != 0, &known) && known)
    key = ph_imap_session_take_search (self, arguments, (search->wanted.options & PH_IMAP_RETURN_RELEVANCY) != 0, &search->traits, &search->relevancy);

  if (!known)
    {
      if ((search->wanted.options & PH_IMAP_RETURN_SAVE) != 0)
        ph_imap_view_save (self->view, NULL);
      search_free (search);
      ph_imap_session_no (self, "BADCHARSET (UTF-8)", "Charset unknown");
      return;
    }
  if (!ph_imap_session_end_arguments (self, arguments))
    {
      search_free (search);
      return;
    }

  if ((search->wanted.options & PH_IMAP_RETURN_UPDATE) != 0)
    {
      if (ph_imap_context_exists (self, self->tag))
        {
          search_free (search);
          ph_imap_session_bad (self, "Tag reuse: that search is still kept up to date");
          return;
        }
      search->context = begin_context (self, key, search->traits);
    }

  ph_imap_session_wait (self, search, search_free);
  ph_imap_session_find (self, g_steal_pointer (&key), search->traits, &search->relevancy, on_found);
}

/* RFC 5267 4.3.5: CANCELUPDATE "A1" "A2" */
void
ph_imap_command_cancelupdate (PhImapSession *self,
                              PhImapParser  *arguments)
{
  g_autoptr (GPtrArray) tags = g_ptr_array_new_with_free_func (g_free);
  gboolean all_known = TRUE;

  do
    {
      char *tag = NULL;

      if (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_string (arguments, &tag))
        break;
      g_ptr_array_add (tags, tag);
    }
  while (!ph_imap_parser_at_end (arguments));
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  for (guint i = 0; i < tags->len; i++)
    all_known &= ph_imap_context_remove (self, g_ptr_array_index (tags, i));

  if (all_known)
    ph_imap_session_ok (self, NULL, "No further updates");
  else
    ph_imap_session_no (self, NULL, "There were no updates for one of these");
}
