#include "ph-account-storage.h"

#include "ph-format.h"
#include "ph-scale.h"
#include "ph-wheel.h"

#include <glib/gi18n.h>

struct _PhAccountStorage
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow  *use_row;
  GtkLevelBar   *use_bar;
  GtkSpinButton *quota_spin;
  GtkSwitch     *index_switch;

  PhAccount    *account;
  GBinding     *quota_binding;
  GBinding     *index_binding;
  GCancellable *cancellable;
  guint64       used;
  gboolean      is_measured;
};

G_DEFINE_FINAL_TYPE (PhAccountStorage, ph_account_storage, ADW_TYPE_PREFERENCES_GROUP)

static void
update (PhAccountStorage *self)
{
  guint64          quota = self->account != NULL ? ph_account_get_quota (self->account) : 0;
  g_autofree char *used = g_format_size (self->used);
  g_autofree char *most = g_format_size (quota);
  g_autofree char *text = NULL;

  if (!self->is_measured)
    text = g_strdup (_ ("Being measured…"));
  else if (quota == 0)
    text = g_strdup (used);
  else
    /* Translators: two sizes, such as "1.2 MB of 100.0 MB" */
    text = g_strdup_printf (_ ("%s of %s"), used, most);
  adw_action_row_set_subtitle (self->use_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->use_bar), quota > 0 && self->is_measured);
  gtk_level_bar_set_value (self->use_bar, quota > 0 ? MIN (1, (double)self->used / (double)quota) : 0);
}

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhAccountStorage) self = user_data;
  g_autoptr (GError) error = NULL;
  guint64 used = 0;

  if (ph_server_measure_account_finish (PH_SERVER (source), result, &used, &error))
    {
      self->used = used;
      self->is_measured = TRUE;
      update (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    adw_action_row_set_subtitle (self->use_row, ph_format_words (error->message));
}

static void
forget (PhAccountStorage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->quota_binding, g_binding_unbind);
  g_clear_pointer (&self->index_binding, g_binding_unbind);
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
  self->is_measured = FALSE;
}

static void
ph_account_storage_dispose (GObject *object)
{
  forget (PH_ACCOUNT_STORAGE (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_STORAGE);

  G_OBJECT_CLASS (ph_account_storage_parent_class)->dispose (object);
}

static void
ph_account_storage_class_init (PhAccountStorageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_storage_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-storage.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountStorage, use_row);
  gtk_widget_class_bind_template_child (widget_class, PhAccountStorage, use_bar);
  gtk_widget_class_bind_template_child (widget_class, PhAccountStorage, quota_spin);
  gtk_widget_class_bind_template_child (widget_class, PhAccountStorage, index_switch);
}

static void
ph_account_storage_init (PhAccountStorage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_wheel_leave_numbers (GTK_WIDGET (self));
}

void
ph_account_storage_set_account (PhAccountStorage *self,
                                PhServer         *server,
                                PhAccount        *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_STORAGE (self));

  forget (self);
  if (account == NULL)
    return;

  self->account = g_object_ref (account);
  self->quota_binding = ph_scale_bind (account, "quota", self->quota_spin, PH_SCALE_MEGABYTE);
  self->index_binding = g_object_bind_property (account, "search-index", self->index_switch, "active", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (account, "notify::quota", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  self->cancellable = g_cancellable_new ();
  ph_server_measure_account_async (server, ph_account_get_address (account), self->cancellable, measured_cb, g_object_ref (self));
  update (self);
}
