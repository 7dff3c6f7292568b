#include "ph-sort.h"

#include <string.h>

#include "ph-base-subject.h"
#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-envelope.h"
#include "ph-summary-walk.h"
#include "ph-text.h"
#include "ph-uid-ranges.h"

/* One message: its values in the order of the criteria. */
typedef struct
{
  guint32 uid;
  gint64 *numbers;
  char  **texts;
} Row;

typedef struct
{
  PhAccountStore   *account; /* kept alive */
  PhSummaryWalk    *walk;
  GArray           *uids;     /* of guint32: those of the infos */
  GArray           *infos;    /* of PhMessageInfo */
  GArray           *criteria; /* of PhSortCriterion; NULL for THREAD */
  GArray           *relevant; /* of guint32, ascending; or NULL */
  PhThreadAlgorithm algorithm;
} Sort;

static void
sort_free (gpointer data)
{
  Sort *self = data;

  ph_summary_walk_free (self->walk);
  g_object_unref (self->account);
  g_array_unref (self->uids);
  g_array_unref (self->infos);
  g_clear_pointer (&self->criteria, g_array_unref);
  g_clear_pointer (&self->relevant, g_array_unref);
  g_free (self);
}

/* Values */

/* Letters as i;unicode-casemap (RFC 5051) orders them: capitals. */
static char *
fold (const char *utf8)
{
  char *folded = ph_text_fold (utf8, strlen (utf8));

  for (char *c = folded; *c != '\0'; c++)
    *c = g_ascii_toupper (*c);

  return folded;
}

static char *
decode (const char *raw)
{
  return ph_encoded_word_decode (raw, strlen (raw));
}

/* RFC 5957 3 */
static char *
make_display (const PhEnvelopeAddress *address)
{
  g_autofree char *text = NULL;

  if (address->name != NULL && *address->name != '\0')
    text = decode (address->name);
  else if (address->mailbox != NULL && address->host != NULL)
    text = g_strdup_printf ("%s@%s", address->mailbox, address->host);
  else
    text = g_strdup (address->mailbox != NULL ? address->mailbox : "");

  return fold (text);
}

static char *
make_mailbox (const PhEnvelopeAddress *address)
{
  return fold (address->mailbox != NULL ? address->mailbox : "");
}

/* RFC 5256 2.2: a date that can't be read is INTERNALDATE. */
static gint64
get_sent (const PhEnvelope    *envelope,
          const PhMessageInfo *info)
{
  PhDate date;

  if (envelope->date != NULL && ph_date_parse (envelope->date, strlen (envelope->date), &date))
    return date.time;

  return info->internal_date;
}

static char *
make_subject (const PhEnvelope *envelope,
              gboolean         *is_reply)
{
  g_autofree char *base = ph_base_subject_extract (envelope->subject, envelope->subject != NULL ? strlen (envelope->subject) : 0, is_reply);

  return fold (base);
}

static void
fill (const Sort          *self,
      Row                 *row,
      guint                i,
      PhSortKey            key,
      const PhMessageInfo *info,
      const PhEnvelope    *envelope)
{
  switch (key)
    {
    case PH_SORT_ARRIVAL:
      row->numbers[i] = info->internal_date;
      break;
    case PH_SORT_DATE:
      row->numbers[i] = get_sent (envelope, info);
      break;
    case PH_SORT_SIZE:
      row->numbers[i] = info->size;
      break;
    case PH_SORT_RELEVANCY:
      row->numbers[i] = self->relevant == NULL || !g_array_binary_search (self->relevant, &info->uid, ph_uid_compare, NULL);
      break;
    case PH_SORT_CC:
      row->texts[i] = make_mailbox (&envelope->cc);
      break;
    case PH_SORT_FROM:
      row->texts[i] = make_mailbox (&envelope->from);
      break;
    case PH_SORT_TO:
      row->texts[i] = make_mailbox (&envelope->to);
      break;
    case PH_SORT_DISPLAY_FROM:
      row->texts[i] = make_display (&envelope->from);
      break;
    case PH_SORT_DISPLAY_TO:
      row->texts[i] = make_display (&envelope->to);
      break;
    case PH_SORT_SUBJECT:
    default:
      row->texts[i] = make_subject (envelope, NULL);
      break;
    }
}

/* Envelopes */

typedef void (*EnvelopeFunc) (const Sort          *self,
                              const PhMessageInfo *info,
                              const PhEnvelope    *envelope,
                              const char          *references,
                              gpointer             user_data);

/* Calls `function` for each message, unless that is cancelled. */
static void
for_each_envelope (const Sort   *self,
                   GCancellable *cancellable,
                   EnvelopeFunc  function,
                   gpointer      user_data)
{
  for (guint i = 0; i < self->infos->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const PhMessageInfo *info = &g_array_index (self->infos, PhMessageInfo, i);
      PhSummaryWalkItem    item = { .references = "" };
      g_auto (PhEnvelope) envelope = { 0 };

      if (ph_summary_walk_find (self->walk, info->uid, &item) && !ph_envelope_parse (item.envelope, item.length, &envelope))
        ph_envelope_clear (&envelope);
      function (self, info, &envelope, item.references, user_data);
    }
}

/* Sorting */

static void
row_clear (Row  *row,
           guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (row->texts[i]);
  g_free (row->texts);
  g_free (row->numbers);
}

static void
add_row (const Sort          *self,
         const PhMessageInfo *info,
         const PhEnvelope    *envelope,
         const char          *references,
         gpointer             user_data)
{
  guint n = self->criteria->len;
  Row   row = { info->uid, g_new0 (gint64, n), g_new0 (char *, n) };

  for (guint i = 0; i < n; i++)
    fill (self, &row, i, g_array_index (self->criteria, PhSortCriterion, i).key, info, envelope);
  g_array_append_val ((GArray *)user_data, row);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const Row    *one = a;
  const Row    *two = b;
  const GArray *criteria = user_data;

  for (guint i = 0; i < criteria->len; i++)
    {
      int result = (one->numbers[i] > two->numbers[i]) - (one->numbers[i] < two->numbers[i]);

      if (one->texts[i] != NULL)
        result = strcmp (one->texts[i], two->texts[i]);
      if (result != 0)
        return g_array_index (criteria, PhSortCriterion, i).reverse ? -result : result;
    }

  return (one->uid > two->uid) - (one->uid < two->uid);
}

static gboolean
has_key (const GArray *criteria,
         PhSortKey     key)
{
  for (guint i = 0; i < criteria->len; i++)
    if (g_array_index (criteria, PhSortCriterion, i).key == key)
      return TRUE;

  return FALSE;
}

static gboolean
needs_envelopes (const Sort *self)
{
  for (guint i = 0; i < self->criteria->len; i++)
    {
      PhSortKey key = g_array_index (self->criteria, PhSortCriterion, i).key;

      if (key != PH_SORT_ARRIVAL && key != PH_SORT_SIZE && key != PH_SORT_RELEVANCY)
        return TRUE;
    }

  return FALSE;
}

static void
sort_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Sort *self = data;
  g_autoptr (GArray) rows = g_array_sized_new (FALSE, FALSE, sizeof (Row), self->infos->len);
  GArray          *uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), self->infos->len);
  const PhEnvelope none = { 0 };

  if (needs_envelopes (self))
    for_each_envelope (self, cancellable, add_row, rows);
  else
    for (guint i = 0; i < self->infos->len; i++)
      add_row (self, &g_array_index (self->infos, PhMessageInfo, i), &none, "", rows);

  g_array_sort_with_data (rows, compare_rows, self->criteria);
  for (guint i = 0; i < rows->len; i++)
    {
      Row *row = &g_array_index (rows, Row, i);

      g_array_append_val (uids, row->uid);
      row_clear (row, self->criteria->len);
    }

  g_task_return_pointer (task, uids, (GDestroyNotify)g_array_unref);
}

/* Threading */

static void
add_to_threader (const Sort          *self,
                 const PhMessageInfo *info,
                 const PhEnvelope    *envelope,
                 const char          *references,
                 gpointer             user_data)
{
  gboolean         is_reply;
  g_autofree char *subject = make_subject (envelope, &is_reply);
  g_auto (GStrv) own = ph_threader_parse_ids (envelope->message_id, 1);
  g_auto (GStrv) ids = ph_threader_parse_ids (references, G_MAXUINT);

  ph_threader_add (user_data, info->uid, get_sent (envelope, info), subject, is_reply,
                   self->algorithm == PH_THREAD_REFERENCES ? own[0] : NULL, (const char *const *)ids);
}

static void
thread_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  Sort *self = data;
  g_autoptr (PhThreader) threader = ph_threader_new ();

  for_each_envelope (self, cancellable, add_to_threader, threader);
  g_task_return_pointer (task,
                         self->algorithm == PH_THREAD_REFERENCES ? ph_threader_form_references (threader)
                                                                 : ph_threader_form_by_subject (threader),
                         (GDestroyNotify)g_array_unref);
}

static void
run (PhMailbox          *mailbox,
     GArray             *criteria,
     PhThreadAlgorithm   algorithm,
     GArray             *uids,
     GArray             *relevant,
     GTaskThreadFunc     function,
     GCancellable       *cancellable,
     GAsyncReadyCallback callback,
     gpointer            user_data)
{
  g_autoptr (GTask) task = ph_mailbox_new_task (mailbox, cancellable, callback, user_data, function);
  GArray *known;
  Sort   *self;

  if (task == NULL)
    return;

  self = g_new0 (Sort, 1);
  self->account = g_object_ref (ph_mailbox_get_account (mailbox));
  self->walk = ph_summary_walk_new (mailbox);
  self->criteria = criteria != NULL ? g_array_ref (criteria) : NULL;
  self->relevant = relevant != NULL ? g_array_ref (relevant) : NULL;
  self->algorithm = algorithm;
  self->uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), uids->len);
  self->infos = g_array_sized_new (FALSE, FALSE, sizeof (PhMessageInfo), uids->len);
  for (guint i = 0; i < uids->len; i++)
    {
      guint position;

      if (!ph_mailbox_find_uid (mailbox, g_array_index (uids, guint32, i), &position))
        continue;
      g_array_append_vals (self->uids, &g_array_index (uids, guint32, i), 1);
      g_array_append_vals (self->infos, ph_mailbox_get_info (mailbox, position), 1);
    }

  g_task_set_task_data (task, self, sort_free);
  if (criteria != NULL)
    known = has_key (criteria, PH_SORT_RELEVANCY) ? NULL : ph_order_cache_find (ph_mailbox_get_orders (mailbox), criteria, self->uids);
  else
    known = ph_order_cache_find_threads (ph_mailbox_get_orders (mailbox), algorithm, self->uids);
  if (known != NULL)
    g_task_return_pointer (task, known, (GDestroyNotify)g_array_unref);
  else
    ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (self->account)), task, function);
}

void
ph_mailbox_sort_async (PhMailbox          *self,
                       GArray             *criteria,
                       GArray             *uids,
                       GArray             *relevant,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_return_if_fail (PH_IS_MAILBOX (self));

  run (self, criteria, PH_THREAD_REFERENCES, uids, relevant, sort_in_thread, cancellable, callback, user_data);
}

static gpointer
finish (PhMailbox    *self,
        GAsyncResult *result,
        GError      **error)
{
  const Sort *sort = g_task_get_task_data (G_TASK (result));

  if (sort != NULL)
    ph_mailbox_keep_summaries (self, ph_summary_walk_get_made (sort->walk));

  return g_task_propagate_pointer (G_TASK (result), error);
}

GArray *
ph_mailbox_sort_finish (PhMailbox    *self,
                        GAsyncResult *result,
                        GError      **error)
{
  const Sort *sort = g_task_get_task_data (G_TASK (result));
  GArray     *sorted = finish (self, result, error);

  if (sorted != NULL && sort != NULL && sorted->len == sort->infos->len && !has_key (sort->criteria, PH_SORT_RELEVANCY))
    ph_order_cache_add (ph_mailbox_get_orders (self), sort->criteria, sorted);

  return sorted;
}

void
ph_mailbox_thread_async (PhMailbox          *self,
                         PhThreadAlgorithm   algorithm,
                         GArray             *uids,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_return_if_fail (PH_IS_MAILBOX (self));

  run (self, NULL, algorithm, uids, NULL, thread_in_thread, cancellable, callback, user_data);
}

GArray *
ph_mailbox_thread_finish (PhMailbox    *self,
                          GAsyncResult *result,
                          GError      **error)
{
  const Sort *sort = g_task_get_task_data (G_TASK (result));
  GArray     *nodes = finish (self, result, error);

  if (nodes != NULL && sort != NULL)
    ph_order_cache_add_threads (ph_mailbox_get_orders (self), sort->algorithm, sort->uids, nodes);

  return nodes;
}
