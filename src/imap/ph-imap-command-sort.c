#include "ph-imap-number.h"
#include "ph-imap-search-key.h"
#include "ph-imap-session-private.h"
#include "ph-sort.h"

/* Criteria of one SORT. */
#define PH_IMAP_SORT_KEYS_MAX 32

/* SORT and THREAD (RFC 5256, 5267 3, 5957): a search, then the order of what it found. */

typedef struct
{
  PhImapReturn      wanted;
  guint             traits;   /* PhImapSearchTraits */
  GArray           *criteria; /* of PhSortCriterion; NULL for THREAD */
  PhThreadAlgorithm algorithm;
  PhImapRelevancy   relevancy;
} Sort;

static void
sort_free (gpointer data)
{
  Sort *sort = data;

  g_clear_pointer (&sort->criteria, g_array_unref);
  ph_imap_relevancy_clear (&sort->relevancy);
  g_free (sort);
}

/* "(REVERSE DATE SUBJECT)" */
static gboolean
take_criteria (PhImapParser *arguments,
               Sort         *sort)
{
  static const char *const names[] = {
    [PH_SORT_ARRIVAL] = "ARRIVAL",
    [PH_SORT_CC] = "CC",
    [PH_SORT_DATE] = "DATE",
    [PH_SORT_DISPLAY_FROM] = "DISPLAYFROM",
    [PH_SORT_DISPLAY_TO] = "DISPLAYTO",
    [PH_SORT_FROM] = "FROM",
    [PH_SORT_RELEVANCY] = "RELEVANCY",
    [PH_SORT_SIZE] = "SIZE",
    [PH_SORT_SUBJECT] = "SUBJECT",
    [PH_SORT_TO] = "TO",
  };

  sort->criteria = g_array_new (FALSE, FALSE, sizeof (PhSortCriterion));
  if (!ph_imap_parser_take_char (arguments, '('))
    return FALSE;

  do
    {
      PhSortCriterion criterion = { .reverse = ph_imap_parser_skip_word (arguments, "REVERSE") };
      guint           index;

      if (criterion.reverse && !ph_imap_parser_take_space (arguments))
        return FALSE;
      if (!ph_imap_parser_take_word_of (arguments, names, G_N_ELEMENTS (names), &index, "Unknown sort key"))
        return FALSE;
      if (sort->criteria->len >= PH_IMAP_SORT_KEYS_MAX)
        return ph_imap_parser_fail (arguments, "Too many sort keys");
      criterion.key = (PhSortKey)index;
      g_array_append_val (sort->criteria, criterion);
    }
  while (ph_imap_parser_skip_char (arguments, ' '));

  return ph_imap_parser_take_char (arguments, ')') && ph_imap_parser_take_space (arguments);
}

static gboolean
take_algorithm (PhImapParser *arguments,
                Sort         *sort)
{
  static const char *const names[] = {
    [PH_THREAD_ORDEREDSUBJECT] = "ORDEREDSUBJECT",
    [PH_THREAD_REFERENCES] = "REFERENCES",
  };
  guint index;

  if (!ph_imap_parser_take_word_of (arguments, names, G_N_ELEMENTS (names), &index, "Unknown algorithm"))
    return FALSE;

  sort->algorithm = (PhThreadAlgorithm)index;

  return ph_imap_parser_take_space (arguments);
}

static void
on_sorted (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) uids = ph_mailbox_sort_finish (PH_MAILBOX (source), result, &error);
  const Sort *sort = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (uids == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  ph_imap_session_tell_found (self, "SORT", &sort->wanted, uids,
                              ph_imap_session_find_modseq (self, sort->traits, &sort->wanted, uids), &sort->relevancy);
  ph_imap_session_ok (self, NULL, "Sorted");
}

typedef struct
{
  guint    left;    /* children still to come */
  gboolean many;    /* each stands in parentheses */
  gboolean wrapped; /* the node itself does */
} Level;

/* The nodes that are whole now. */
static void
close_levels (GArray  *levels,
              GString *out)
{
  while (levels->len > 0 && g_array_index (levels, Level, levels->len - 1).left == 0)
    {
      if (g_array_index (levels, Level, levels->len - 1).wrapped)
        g_string_append_c (out, ')');
      g_array_set_size (levels, levels->len - 1);
      if (levels->len > 0)
        g_array_index (levels, Level, levels->len - 1).left--;
    }
}

/* "(3 6 (4 23)(44 7 96))": an only child follows its parent, several stand in parentheses
 * each.  A place without a message has only its children's. */
static void
format_threads (PhImapSession *self,
                const GArray  *nodes,
                GString       *out)
{
  g_autoptr (GArray) levels = g_array_new (FALSE, FALSE, sizeof (Level));

  for (guint i = 0; i < nodes->len; i++)
    {
      const PhThreadNode *node = &g_array_index (nodes, PhThreadNode, i);
      Level               level = { node->n_children, node->n_children > 1, TRUE };
      guint               position;

      if (levels->len > 0)
        level.wrapped = g_array_index (levels, Level, levels->len - 1).many;
      if (level.wrapped)
        g_string_append_c (out, '(');
      else
        g_string_append_c (out, ' ');

      if (node->number != 0)
        {
          ph_imap_number_append (self->by_uid || !ph_imap_view_find_uid (self->view, node->number, &position) ? node->number : position + 1, out);
          if (level.many)
            g_string_append_c (out, ' ');
        }
      g_array_append_val (levels, level);
      close_levels (levels, out);
    }
}

static void
on_threaded (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) nodes = ph_mailbox_thread_finish (PH_MAILBOX (source), result, &error);
  g_autoptr (GString) line = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (nodes == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  line = g_string_new ("* THREAD");
  if (nodes->len > 0)
    g_string_append_c (line, ' ');
  format_threads (self, nodes, line);
  g_string_append (line, "\r\n");
  ph_imap_session_send (line->str, line->len, self);
  ph_imap_session_ok (self, NULL, "Threaded");
}

static void
on_found (PhImapSession *self,
          GArray        *found,
          const GError  *error)
{
  PhMailbox  *mailbox = ph_imap_view_get_mailbox (self->view);
  const Sort *sort = self->work;

  if (found == NULL)
    ph_imap_session_fail (self, error);
  else if (sort->criteria != NULL)
    ph_mailbox_sort_async (mailbox, sort->criteria, found, sort->relevancy.exact, self->cancellable, on_sorted, g_object_ref (self));
  else
    ph_mailbox_thread_async (mailbox, sort->algorithm, found, self->cancellable, on_threaded, g_object_ref (self));
}

/* RFC 6203 6 */
static gboolean
wants_scores (const Sort *sort)
{
  gboolean wants = (sort->wanted.options & PH_IMAP_RETURN_RELEVANCY) != 0;

  for (guint i = 0; sort->criteria != NULL && i < sort->criteria->len; i++)
    wants |= g_array_index (sort->criteria, PhSortCriterion, i).key == PH_SORT_RELEVANCY;

  return wants;
}

/* Charset and search keys; then it runs.  Takes `sort`. */
static void
search_first (PhImapSession *self,
              PhImapParser  *arguments,
              Sort          *sort)
{
  g_autoptr (PhSearchKey) key = NULL;
  g_autofree char *charset = NULL;

  if (arguments->error == NULL && ph_imap_parser_take_astring (arguments, &charset) && ph_imap_parser_take_space (arguments))
    key = ph_imap_session_take_search (self, arguments, wants_scores (sort), &sort->traits, &sort->relevancy);
  if (!ph_imap_session_end_arguments (self, arguments))
    {
      sort_free (sort);
      return;
    }

  ph_imap_session_wait (self, sort, sort_free);
  if (!ph_imap_charset_is_known (charset))
    {
      ph_imap_session_no (self, "BADCHARSET (US-ASCII UTF-8)", "Charset unknown");
      return;
    }

  if ((sort->wanted.options & PH_IMAP_RETURN_UPDATE) != 0)
    ph_imap_session_refuse_update (self, "No updates for SORT");
  ph_imap_session_find (self, g_steal_pointer (&key), sort->traits, &sort->relevancy, on_found);
}

void
ph_imap_command_sort (PhImapSession *self,
                      PhImapParser  *arguments)
{
  Sort *sort = g_new0 (Sort, 1);

  if (ph_imap_parser_take_space (arguments) && ph_imap_return_take (arguments, &sort->wanted))
    take_criteria (arguments, sort);
  search_first (self, arguments, sort);
}

void
ph_imap_command_thread (PhImapSession *self,
                        PhImapParser  *arguments)
{
  Sort *sort = g_new0 (Sort, 1);

  if (ph_imap_parser_take_space (arguments))
    take_algorithm (arguments, sort);
  search_first (self, arguments, sort);
}
