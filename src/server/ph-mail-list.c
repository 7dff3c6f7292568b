#include "ph-mail-list-private.h"

#include "ph-mail-item-private.h"
#include "ph-mail-message-private.h"
#include "ph-mail-query.h"
#include "ph-mail-uids.h"
#include "ph-uid-ranges.h"

#include <string.h>

struct _PhMailList
{
  GObject parent_instance;

  char         *address;
  PhMailbox    *mailbox;
  PhWorkerPool *workers;

  PhMailUids *uids;  /* the list backwards */
  GHashTable *items; /* UID → PhMailItem, borrowed, of those that live */

  GArray       *wanted; /* UIDs whose summaries are to be loaded */
  guint         load_idle;
  gboolean      is_loading;
  GCancellable *cancellable; /* of everything that runs for this list */

  char         *query;        /* NULL: all */
  GCancellable *search;       /* what runs, or NULL */
  guint32       searched_uid; /* UIDs below have been searched */
};

enum {
  PROP_0,
  PROP_SEARCHING,
  PROP_N_TOTAL,
  PROP_DELETED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhMailList, ph_mail_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void search_new (PhMailList *self);

/* Subjects and people, for rows that are still seen when their turn comes */

static void load_next (PhMailList *self);

typedef struct
{
  PhMailList *list; /* owned */
  GArray     *uids;
} PhLoad;

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhLoad *load = user_data;
  g_autoptr (PhMailList) self = load->list;
  g_autoptr (GArray) uids = load->uids;
  g_autoptr (GPtrArray) summaries = ph_mailbox_load_summaries_finish (PH_MAILBOX (source), result, NULL);

  g_free (load);
  self->is_loading = FALSE;
  for (guint i = 0; i < uids->len; i++)
    {
      PhMailItem *item = g_hash_table_lookup (self->items, GUINT_TO_POINTER (g_array_index (uids, guint32, i)));

      if (item != NULL)
        ph_mail_item_take_summary (item, summaries != NULL && i < summaries->len ? g_ptr_array_index (summaries, i) : NULL);
    }
  load_next (self);
}

/* The newest wishes first: what was scrolled past is mostly gone again. */
static void
load_next (PhMailList *self)
{
  GArray *uids;
  PhLoad *load;

  if (self->is_loading || g_cancellable_is_cancelled (self->cancellable))
    return;

  uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  while (self->wanted->len > 0 && uids->len < PH_MAIL_LIST_BATCH)
    {
      guint32     uid = g_array_index (self->wanted, guint32, self->wanted->len - 1);
      PhMailItem *item = g_hash_table_lookup (self->items, GUINT_TO_POINTER (uid));

      g_array_set_size (self->wanted, self->wanted->len - 1);
      if (item != NULL && !ph_mail_item_is_loaded (item))
        g_array_append_val (uids, uid);
    }
  if (uids->len == 0)
    {
      g_array_unref (uids);
      return;
    }

  g_array_sort (uids, ph_uid_compare);
  load = g_new (PhLoad, 1);
  load->list = g_object_ref (self);
  load->uids = uids;
  self->is_loading = TRUE;
  ph_mailbox_load_summaries_async (self->mailbox, (const guint32 *)(gpointer)uids->data, uids->len, self->cancellable, loaded_cb, load);
}

static gboolean
load_idle_cb (gpointer data)
{
  PhMailList *self = data;

  self->load_idle = 0;
  load_next (self);

  return G_SOURCE_REMOVE;
}

static void
item_gone_cb (guint32  uid,
              gpointer data)
{
  g_hash_table_remove (PH_MAIL_LIST (data)->items, GUINT_TO_POINTER (uid));
}

/* The model */

static GType
get_item_type (GListModel *model)
{
  return PH_TYPE_MAIL_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return ph_mail_uids_get_length (PH_MAIL_LIST (model)->uids);
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PhMailList   *self = PH_MAIL_LIST (model);
  PhMessageInfo gone = { 0 };
  PhMailItem   *item;
  guint32       uid;
  guint         place;

  if (position >= ph_mail_uids_get_length (self->uids))
    return NULL;

  uid = ph_mail_uids_get (self->uids, ph_mail_uids_get_length (self->uids) - 1 - position);
  item = g_hash_table_lookup (self->items, GUINT_TO_POINTER (uid));
  if (item != NULL)
    return g_object_ref (item);

  /* One that was expunged just now, of which the list has not been told yet. */
  gone.uid = uid;
  item = ph_mail_item_new (ph_mailbox_find_uid (self->mailbox, uid, &place) ? ph_mailbox_get_info (self->mailbox, place) : &gone, item_gone_cb, self);
  g_hash_table_insert (self->items, GUINT_TO_POINTER (uid), item);
  g_array_append_val (self->wanted, uid);
  if (self->load_idle == 0)
    self->load_idle = g_idle_add (load_idle_cb, self);

  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* What changes */

/* UIDs of the mailbox from `uid` on. */
static GArray *
dup_uids_from (PhMailList *self,
               guint32     uid)
{
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint   place, n = ph_mailbox_get_n_messages (self->mailbox);

  ph_mailbox_find_uid (self->mailbox, uid, &place);
  for (; place < n; place++)
    g_array_append_val (uids, ph_mailbox_get_info (self->mailbox, place)->uid);

  return uids;
}

static void
add_new (PhMailList *self)
{
  guint32 next = ph_mail_uids_get_length (self->uids) > 0 ? ph_mail_uids_get (self->uids, ph_mail_uids_get_length (self->uids) - 1) + 1 : 1;
  g_autoptr (GArray) uids = dup_uids_from (self, next);

  ph_mail_uids_append (self->uids, (const guint32 *)(gpointer)uids->data, uids->len);
}

static void
update_items (PhMailList *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer       item;
  guint          place;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    g_ptr_array_add (items, g_object_ref (item));

  for (guint i = 0; i < items->len; i++)
    if (ph_mailbox_find_uid (self->mailbox, ph_mail_item_get_uid (items->pdata[i]), &place))
      ph_mail_item_update (items->pdata[i], ph_mailbox_get_info (self->mailbox, place));
}

static void
changed_cb (PhMailList *self)
{
  G_GNUC_UNUSED g_autoptr (PhMailList) keep = g_object_ref (self);

  ph_mail_uids_remove_gone (self->uids);
  if (self->query == NULL)
    add_new (self);
  else
    search_new (self);
  update_items (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
  if (ph_mailbox_get_deleted (self->mailbox))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DELETED]);
}

/* Search */

static void
end_search (PhMailList *self)
{
  if (self->search == NULL)
    return;

  g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

/* What went while it was searched. */
static void
keep_present (PhMailList *self,
              GArray     *uids)
{
  guint32 *uid = (guint32 *)(gpointer)uids->data;
  guint    n = 0;

  for (guint i = 0; i < uids->len; i++)
    if (ph_mailbox_find_uid (self->mailbox, uid[i], NULL))
      uid[n++] = uid[i];
  g_array_set_size (uids, n);
}

static void
searched_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhMailList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = ph_mailbox_search_finish (PH_MAILBOX (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  end_search (self);
  if (found == NULL)
    return;

  keep_present (self, found);
  ph_mail_uids_append (self->uids, (const guint32 *)(gpointer)found->data, found->len);
  search_new (self);
}

/* What has come since the last search; one at a time. */
static void
search_new (PhMailList *self)
{
  g_autoptr (GArray) uids = NULL;
  PhSearchKey *key;

  if (self->search != NULL || self->query == NULL)
    return;

  uids = dup_uids_from (self, self->searched_uid);
  if (uids->len == 0)
    return;

  key = ph_mail_query_parse (self->query);
  self->searched_uid = g_array_index (uids, guint32, uids->len - 1) + 1;
  self->search = g_cancellable_new ();
  ph_mailbox_search_async (self->mailbox, key, (const guint32 *)(gpointer)uids->data, uids->len, self->search, searched_cb, g_object_ref (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

void
ph_mail_list_set_query (PhMailList *self,
                        const char *text)
{
  g_autofree char *query = NULL;
  g_autoptr (PhSearchKey) key = NULL;

  g_return_if_fail (PH_IS_MAIL_LIST (self) && text != NULL);

  key = ph_mail_query_parse (text);
  query = key != NULL ? g_strdup (text) : NULL;
  if (g_strcmp0 (query, self->query) == 0)
    return;

  end_search (self);
  g_free (self->query);
  self->query = g_steal_pointer (&query);
  self->searched_uid = 1;
  ph_mail_uids_clear (self->uids);
  if (self->query == NULL)
    add_new (self);
  else
    search_new (self);
}

/* The object */

static void
ph_mail_list_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  PhMailList *self = PH_MAIL_LIST (object);

  switch (id)
    {
    case PROP_SEARCHING:
      g_value_set_boolean (value, self->search != NULL);
      break;
    case PROP_N_TOTAL:
      g_value_set_uint (value, ph_mailbox_get_n_messages (self->mailbox));
      break;
    case PROP_DELETED:
      g_value_set_boolean (value, ph_mailbox_get_deleted (self->mailbox));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_list_dispose (GObject *object)
{
  PhMailList    *self = PH_MAIL_LIST (object);
  GHashTableIter iter;
  gpointer       item;

  g_clear_handle_id (&self->load_idle, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    ph_mail_item_disown (item);
  g_hash_table_remove_all (self->items);

  G_OBJECT_CLASS (ph_mail_list_parent_class)->dispose (object);
}

static void
ph_mail_list_finalize (GObject *object)
{
  PhMailList *self = PH_MAIL_LIST (object);

  g_clear_object (&self->mailbox);
  g_clear_object (&self->workers);
  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->items);
  ph_mail_uids_free (self->uids);
  g_array_unref (self->wanted);
  g_free (self->query);
  g_free (self->address);

  G_OBJECT_CLASS (ph_mail_list_parent_class)->finalize (object);
}

static void
ph_mail_list_class_init (PhMailListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_mail_list_get_property;
  object_class->dispose = ph_mail_list_dispose;
  object_class->finalize = ph_mail_list_finalize;

  properties[PROP_SEARCHING] = g_param_spec_boolean ("searching", NULL, NULL, FALSE, flags);
  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_DELETED] = g_param_spec_boolean ("deleted", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_mail_list_init (PhMailList *self)
{
  self->wanted = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->items = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
}

PhMailList *
ph_mail_list_new (const char   *address,
                  PhMailbox    *mailbox,
                  PhWorkerPool *workers)
{
  PhMailList *self = g_object_new (PH_TYPE_MAIL_LIST, NULL);

  self->address = g_strdup (address);
  self->mailbox = g_object_ref (mailbox);
  self->workers = g_object_ref (workers);
  self->uids = ph_mail_uids_new (mailbox, G_LIST_MODEL (self));
  g_signal_connect_object (mailbox, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  add_new (self);

  return self;
}

PhMailbox *
ph_mail_list_get_mailbox (PhMailList *self)
{
  return self->mailbox;
}

const char *
ph_mail_list_get_folder (PhMailList *self)
{
  g_return_val_if_fail (PH_IS_MAIL_LIST (self), NULL);

  return ph_mailbox_get_name (self->mailbox);
}

const char *
ph_mail_list_get_address (PhMailList *self)
{
  g_return_val_if_fail (PH_IS_MAIL_LIST (self), NULL);

  return self->address;
}

guint32
ph_mail_list_get_uid (PhMailList *self,
                      guint       position)
{
  g_return_val_if_fail (PH_IS_MAIL_LIST (self) && position < ph_mail_uids_get_length (self->uids), 0);

  return ph_mail_uids_get (self->uids, ph_mail_uids_get_length (self->uids) - 1 - position);
}

guint
ph_mail_list_get_flags (PhMailList *self,
                        guint       position)
{
  guint place;

  g_return_val_if_fail (PH_IS_MAIL_LIST (self) && position < ph_mail_uids_get_length (self->uids), 0);

  if (!ph_mailbox_find_uid (self->mailbox, ph_mail_list_get_uid (self, position), &place))
    return 0;

  return ph_mailbox_get_info (self->mailbox, place)->flags;
}

gboolean
ph_mail_list_find_uid (PhMailList *self,
                       guint32     uid,
                       guint      *position)
{
  guint index;

  g_return_val_if_fail (PH_IS_MAIL_LIST (self), FALSE);

  if (!ph_mail_uids_find (self->uids, uid, &index))
    return FALSE;
  *position = ph_mail_uids_get_length (self->uids) - 1 - index;

  return TRUE;
}

PhMailMessage *
ph_mail_list_open_message (PhMailList *self,
                           guint32     uid)
{
  g_return_val_if_fail (PH_IS_MAIL_LIST (self), NULL);

  return ph_mail_message_new (self->mailbox, uid, self->workers);
}
