#include "ph-storage-group.h"

#include "ph-format.h"
#include "ph-use-meter.h"

#include <glib/gi18n.h>

#define TICK_SECONDS 5

struct _PhStorageGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *queue_row;
  AdwActionRow *mail_row;

  PhServer         *server;
  PhAccountFigures *figures;
  GObject          *oldest; /* of the queue, NULL while nothing waits */
  GPtrArray        *rows;   /* borrowed from the group */
  guint             ticker;
};

G_DEFINE_FINAL_TYPE (PhStorageGroup, ph_storage_group, ADW_TYPE_PREFERENCES_GROUP)

/* The queue */

/* "3 messages, the oldest since 2 hours ago" */
static void
update_queue (PhStorageGroup *self)
{
  guint            n = g_list_model_get_n_items (ph_server_get_queue (self->server));
  g_autofree char *messages = g_strdup_printf (ngettext ("%u message", "%u messages", n), n);
  g_autofree char *since = NULL;
  g_autofree char *text = NULL;
  gint64           arrived = 0;

  if (self->oldest != NULL)
    g_object_get (self->oldest, "arrived", &arrived, NULL);
  if (arrived != 0)
    since = ph_format_relative_time (arrived, g_get_real_time ());

  if (n == 0)
    text = g_strdup (_ ("Nothing"));
  else if (since == NULL)
    text = g_steal_pointer (&messages);
  else
    /* Translators: a number of messages, and a moment: "3 messages · the oldest came 2 hours ago" */
    text = g_strdup_printf (_ ("%s · the oldest came %s"), messages, since);
  adw_action_row_set_subtitle (self->queue_row, text);
}

/* The list is in the order of arrival. */
static void
queue_changed_cb (PhStorageGroup *self)
{
  g_autoptr (GObject) first = g_list_model_get_item (ph_server_get_queue (self->server), 0);

  if (first != self->oldest)
    {
      if (self->oldest != NULL)
        g_signal_handlers_disconnect_by_data (self->oldest, self);
      g_set_object (&self->oldest, first);
      if (first != NULL)
        g_signal_connect_object (first, "notify::arrived", G_CALLBACK (update_queue), self, G_CONNECT_SWAPPED);
    }
  update_queue (self);
}

/* The accounts */

typedef struct
{
  PhAccount *account; /* borrowed */
  guint64    used;
} PhUse;

static int
compare_use (gconstpointer a,
             gconstpointer b)
{
  const PhUse *first = a, *second = b;

  return first->used > second->used ? -1 : first->used < second->used;
}

/* With the most mail first, of those that are known; *total is that of all. */
static GArray *
find_uses (PhStorageGroup *self,
           guint64        *total)
{
  GListModel *accounts = G_LIST_MODEL (ph_server_get_accounts (self->server));
  GArray     *uses = g_array_new (FALSE, FALSE, sizeof (PhUse));

  *total = 0;
  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);
      PhUse use = { account, 0 };

      if (!ph_account_figures_get_used (self->figures, ph_account_get_address (account), &use.used))
        continue;
      *total += use.used;
      g_array_append_val (uses, use);
    }
  g_array_sort (uses, compare_use);

  return uses;
}

/* Rows are kept: a list that is built anew loses the place of who reads it. */
static AdwActionRow *
get_row (PhStorageGroup *self,
         guint           position)
{
  GtkWidget *row, *meter;

  if (position < self->rows->len)
    return g_ptr_array_index (self->rows, position);

  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, NULL);
  meter = g_object_new (PH_TYPE_USE_METER, NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), meter);
  g_object_set_data (G_OBJECT (row), "meter", meter);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);

  return ADW_ACTION_ROW (row);
}

static void
update_accounts (PhStorageGroup *self)
{
  guint   n_accounts = g_list_model_get_n_items (G_LIST_MODEL (ph_server_get_accounts (self->server)));
  guint64 total;
  g_autoptr (GArray) uses = find_uses (self, &total);
  g_autofree char *size = g_format_size (total);
  g_autofree char *text = NULL;
  guint            n_rows = uses->len > 1 ? MIN (uses->len, PH_STORAGE_GROUP_ROWS) : 0;

  if (n_accounts == 0)
    text = g_strdup (_ ("Nothing"));
  else if (uses->len == 0)
    text = g_strdup (_ ("Being measured…"));
  else
    /* Translators: a size, and a number of accounts: "1.2 GB in 4 accounts" */
    text = g_strdup_printf (ngettext ("%s in %u account", "%s in %u accounts", uses->len), size, uses->len);
  adw_action_row_set_subtitle (self->mail_row, text);
  for (guint i = 0; i < n_rows; i++)
    {
      PhUse        *use = &g_array_index (uses, PhUse, i);
      AdwActionRow *row = get_row (self, i);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), ph_account_get_address (use->account));
      ph_use_meter_set (g_object_get_data (G_OBJECT (row), "meter"), use->used, ph_account_get_quota (use->account));
    }
  for (guint i = n_rows; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, (int)MIN (self->rows->len, n_rows));
}

/* While it is seen */

static gboolean
tick_cb (gpointer data)
{
  PhStorageGroup *self = data;

  ph_account_figures_refresh (self->figures);
  update_queue (self);

  return G_SOURCE_CONTINUE;
}

static void
ph_storage_group_map (GtkWidget *widget)
{
  PhStorageGroup *self = PH_STORAGE_GROUP (widget);

  GTK_WIDGET_CLASS (ph_storage_group_parent_class)->map (widget);
  if (self->server == NULL)
    return;
  self->ticker = g_timeout_add_seconds (TICK_SECONDS, tick_cb, self);
  tick_cb (self);
}

static void
ph_storage_group_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&PH_STORAGE_GROUP (widget)->ticker, g_source_remove);
  GTK_WIDGET_CLASS (ph_storage_group_parent_class)->unmap (widget);
}

static void
ph_storage_group_dispose (GObject *object)
{
  PhStorageGroup *self = PH_STORAGE_GROUP (object);

  g_clear_handle_id (&self->ticker, g_source_remove);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_object (&self->oldest);
  g_clear_object (&self->figures);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_STORAGE_GROUP);

  G_OBJECT_CLASS (ph_storage_group_parent_class)->dispose (object);
}

static void
ph_storage_group_finalize (GObject *object)
{
  g_ptr_array_unref (PH_STORAGE_GROUP (object)->rows);

  G_OBJECT_CLASS (ph_storage_group_parent_class)->finalize (object);
}

static void
ph_storage_group_class_init (PhStorageGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_storage_group_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_storage_group_finalize;
  widget_class->map = ph_storage_group_map;
  widget_class->unmap = ph_storage_group_unmap;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-storage-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhStorageGroup, queue_row);
  gtk_widget_class_bind_template_child (widget_class, PhStorageGroup, mail_row);
}

static void
ph_storage_group_init (PhStorageGroup *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_storage_group_set_server (PhStorageGroup *self,
                             PhServer       *server)
{
  g_return_if_fail (PH_IS_STORAGE_GROUP (self));
  g_return_if_fail (self->server == NULL);

  self->server = g_object_ref (server);
  self->figures = ph_account_figures_new (server);
  g_signal_connect_object (self->figures, "changed", G_CALLBACK (update_accounts), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ph_server_get_queue (server), "items-changed", G_CALLBACK (queue_changed_cb), self, G_CONNECT_SWAPPED);
  queue_changed_cb (self);
  update_accounts (self);
}
