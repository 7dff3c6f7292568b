#include "ph-keeping-group.h"

#include "ph-choose-file.h"
#include "ph-place.h"
#include "ph-row-name.h"
#include "ph-scale.h"

#include <glib/gi18n.h>

#define N_SWITCHES 5

struct _PhKeepingGroup
{
  AdwPreferencesGroup parent_instance;

  GtkSpinButton *size_spin;
  GtkSwitch     *switches[N_SWITCHES];
  AdwActionRow  *folder_row;
  GtkWidget     *copy_button;
  GtkWidget     *open_button;

  GtkWidget    *move_button;
  AdwActionRow *moving_row;

  PhServer     *server;
  GCancellable *cancellable; /* of what is asked for and looked at */
  gboolean      is_loading;
};

G_DEFINE_FINAL_TYPE (PhKeepingGroup, ph_keeping_group, ADW_TYPE_PREFERENCES_GROUP)

/* In the order of the bits of the setting. */
static const char *const switch_ids[N_SWITCHES] = { "archive_switch", "drafts_switch", "junk_switch", "sent_switch", "trash_switch" };

static void
load (PhKeepingGroup *self)
{
  guint set = ph_settings_get_uint (ph_server_get_settings (self->server), "standard-folders");

  self->is_loading = TRUE;
  for (guint i = 0; i < N_SWITCHES; i++)
    gtk_switch_set_active (self->switches[i], (set & (1u << i)) != 0);
  self->is_loading = FALSE;
}

static void
switched_cb (PhKeepingGroup *self)
{
  guint set = 0;

  if (self->is_loading || self->server == NULL)
    return;

  for (guint i = 0; i < N_SWITCHES; i++)
    set |= gtk_switch_get_active (self->switches[i]) ? 1u << i : 0;
  g_object_set (ph_server_get_settings (self->server), "standard-folders", set, NULL);
}

static void
copy_cb (PhKeepingGroup *self)
{
  const char *place = adw_action_row_get_subtitle (self->folder_row);
  /* Translators: a value that was copied, such as a server’s name */
  g_autofree char *message = g_strdup_printf (_ ("Copied “%s”"), place);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), place);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", message);
}

static void
open_cb (PhKeepingGroup *self)
{
  GtkRoot         *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *uri = g_filename_to_uri (ph_server_get_data_dir (self->server), NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, uri, GDK_CURRENT_TIME);
}

/* Moving the folder, at the next start: while it is used it must stay where it is. */

static void
update_moving (PhKeepingGroup *self)
{
  PhSettings      *settings = ph_server_get_settings (self->server);
  const char      *here = ph_server_get_data_dir (self->server), *wanted = ph_settings_get_string (settings, "data-folder");
  g_autofree char *usual = ph_place_choose_data_dir (settings, NULL);
  g_autofree char *place = g_filename_display_name (wanted);
  gboolean         is_moving = g_str_equal (ph_settings_get_string (settings, "data-folder-was"), here) && !g_str_equal (wanted, here);

  adw_action_row_set_subtitle (self->moving_row, place);
  gtk_widget_set_visible (GTK_WIDGET (self->moving_row), is_moving);
  /* Not where the command line has said which folder it is. */
  gtk_widget_set_sensitive (self->move_button, g_str_equal (usual, here));
}

static void
stay_cb (PhKeepingGroup *self)
{
  g_object_set (ph_server_get_settings (self->server), "data-folder", ph_server_get_data_dir (self->server), "data-folder-was", "", NULL);
}

static void
find_target_in_thread (GTask        *task,
                       gpointer      source,
                       gpointer      data,
                       GCancellable *cancellable)
{
  const char *const *paths = data;
  GError            *error = NULL;
  char              *target = ph_place_find_target (paths[0], paths[1], &error);

  if (target != NULL)
    g_task_return_pointer (task, target, g_free);
  else
    g_task_return_error (task, error);
}

static void
target_found_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  PhKeepingGroup *self = PH_KEEPING_GROUP (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *target = g_task_propagate_pointer (G_TASK (result), &error);

  if (target != NULL)
    g_object_set (ph_server_get_settings (self->server), "data-folder-was", ph_server_get_data_dir (self->server), "data-folder", target, NULL);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

static void
folder_chosen_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  PhKeepingGroup *self = PH_KEEPING_GROUP (source);
  g_autoptr (GFile) folder = ph_choose_file_finish (GTK_WIDGET (self), result, NULL);
  const char *paths[3] = { NULL };
  g_autoptr (GTask) task = NULL;

  if (folder == NULL || g_file_peek_path (folder) == NULL)
    return;

  paths[0] = ph_server_get_data_dir (self->server);
  paths[1] = g_file_peek_path (folder);
  task = g_task_new (self, self->cancellable, target_found_cb, NULL);
  g_task_set_task_data (task, g_strdupv ((char **)paths), (GDestroyNotify)g_strfreev);
  g_task_run_in_thread (task, find_target_in_thread);
}

static void
move_cb (PhKeepingGroup *self)
{
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_FOLDER, _ ("Choose where the mail is kept"), NULL, self->cancellable, folder_chosen_cb, NULL);
}

static void
ph_keeping_group_dispose (GObject *object)
{
  g_cancellable_cancel (PH_KEEPING_GROUP (object)->cancellable);
  g_clear_object (&PH_KEEPING_GROUP (object)->cancellable);
  g_clear_object (&PH_KEEPING_GROUP (object)->server);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_KEEPING_GROUP);

  G_OBJECT_CLASS (ph_keeping_group_parent_class)->dispose (object);
}

static void
ph_keeping_group_class_init (PhKeepingGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_keeping_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-keeping-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, size_spin);
  for (guint i = 0; i < N_SWITCHES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, switch_ids[i], FALSE,
                                               G_STRUCT_OFFSET (PhKeepingGroup, switches) + (gssize)(i * sizeof (gpointer)));
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, folder_row);
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, open_button);
  gtk_widget_class_bind_template_callback (widget_class, switched_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, move_button);
  gtk_widget_class_bind_template_child (widget_class, PhKeepingGroup, moving_row);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, move_cb);
  gtk_widget_class_bind_template_callback (widget_class, stay_cb);
}

static void
ph_keeping_group_init (PhKeepingGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_name_control (self->copy_button, _ ("Copy the place of the folder"));
  ph_row_name_control (self->open_button, _ ("Open the folder"));
  ph_row_name_control (self->move_button, _ ("Move the folder…"));
  self->cancellable = g_cancellable_new ();
}

void
ph_keeping_group_set_server (PhKeepingGroup *self,
                             PhServer       *server)
{
  PhSettings      *settings = ph_server_get_settings (server);
  g_autofree char *place = g_filename_display_name (ph_server_get_data_dir (server));

  g_return_if_fail (PH_IS_KEEPING_GROUP (self) && self->server == NULL);

  self->server = g_object_ref (server);
  ph_scale_bind (settings, "message-size-max", self->size_spin, PH_SCALE_MEGABYTE);
  adw_action_row_set_subtitle (self->folder_row, place);
  g_signal_connect_object (settings, "notify::standard-folders", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::data-folder", G_CALLBACK (update_moving), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::data-folder-was", G_CALLBACK (update_moving), self, G_CONNECT_SWAPPED);
  load (self);
  update_moving (self);
}
