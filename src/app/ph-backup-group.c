#include "ph-backup-group.h"

#include "ph-row-name.h"
#include "ph-transfer-choose.h"

struct _PhBackupGroup
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *button;

  PhServer *server;
};

G_DEFINE_FINAL_TYPE (PhBackupGroup, ph_backup_group, ADW_TYPE_PREFERENCES_GROUP)

static void
clicked_cb (PhBackupGroup *self)
{
  ph_transfer_choose_backup (GTK_WIDGET (self), self->server);
}

static void
ph_backup_group_dispose (GObject *object)
{
  g_clear_object (&PH_BACKUP_GROUP (object)->server);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_BACKUP_GROUP);

  G_OBJECT_CLASS (ph_backup_group_parent_class)->dispose (object);
}

static void
ph_backup_group_class_init (PhBackupGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_backup_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-backup-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhBackupGroup, button);
  gtk_widget_class_bind_template_callback (widget_class, clicked_cb);
}

static void
ph_backup_group_init (PhBackupGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_wrap_buttons (GTK_WIDGET (self));
  ph_row_keep_name (self->button);
}

void
ph_backup_group_set_server (PhBackupGroup *self,
                            PhServer      *server)
{
  g_return_if_fail (PH_IS_BACKUP_GROUP (self));

  g_set_object (&self->server, server);
}
