#include "ph-transfer-choose.h"

#include "ph-transfer-dialog.h"

#include <glib/gi18n.h>

/* What is to be done with the path that is chosen. */
typedef struct _Wish Wish;

struct _Wish
{
  GtkWidget *(*begin) (const Wish *self,
                       const char *path,
                       GtkWindow  *parent);
  PhServer *server;
  char     *address; /* NULL of a backup */
  char     *folder;  /* or NULL */
};

static void
wish_free (Wish *self)
{
  g_object_unref (self->server);
  g_free (self->address);
  g_free (self->folder);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wish, wish_free)

static GtkWidget *
begin_import (const Wish *self,
              const char *path,
              GtkWindow  *parent)
{
  const char *const paths[] = { path, NULL };

  return ph_transfer_dialog_new_import (self->server, self->address, self->folder, paths, parent);
}

static GtkWidget *
begin_export (const Wish *self,
              const char *path,
              GtkWindow  *parent)
{
  return ph_transfer_dialog_new_export (self->server, self->address, self->folder, path, parent);
}

static GtkWidget *
begin_backup (const Wish *self,
              const char *path,
              GtkWindow  *parent)
{
  return ph_transfer_dialog_new_backup (self->server, path, parent);
}

static void
chosen_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (Wish) wish = user_data;
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  GtkRoot         *root = gtk_widget_get_root (GTK_WIDGET (source));

  if (path != NULL && GTK_IS_WINDOW (root))
    gtk_window_present (GTK_WINDOW (wish->begin (wish, path, GTK_WINDOW (root))));
}

static Wish *
make_wish (GtkWidget *(*begin) (const Wish *, const char *, GtkWindow *),
           PhServer   *server,
           const char *address,
           const char *folder)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->begin = begin;
  wish->server = g_object_ref (server);
  wish->address = g_strdup (address);
  wish->folder = g_strdup (folder);

  return wish;
}

void
ph_transfer_choose_import (GtkWidget   *widget,
                           PhServer    *server,
                           const char  *address,
                           const char  *folder,
                           PhChooseMode mode)
{
  g_return_if_fail (PH_IS_SERVER (server));

  ph_choose_file_async (widget, mode, mode == PH_CHOOSE_FOLDER ? _ ("Import a folder") : _ ("Import an mbox or a message"), NULL, NULL, chosen_cb, make_wish (begin_import, server, address, folder));
}

void
ph_transfer_choose_export (GtkWidget  *widget,
                           PhServer   *server,
                           const char *address,
                           const char *folder)
{
  g_autofree char *name = folder != NULL ? g_strdup_printf ("%s.mbox", folder) : g_strdup (address);

  g_return_if_fail (PH_IS_SERVER (server));

  g_strdelimit (name, "/", '-');
  ph_choose_file_async (widget, PH_CHOOSE_SAVE, folder != NULL ? _ ("Save the folder as an mbox") : _ ("Name a new folder for the mail"), name, NULL, chosen_cb, make_wish (begin_export, server, address, folder));
}

void
ph_transfer_choose_backup (GtkWidget *widget,
                           PhServer  *server)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = g_date_time_format (now, "posthouse-%Y-%m-%d");

  g_return_if_fail (PH_IS_SERVER (server));

  ph_choose_file_async (widget, PH_CHOOSE_SAVE, _ ("Name a new folder for the backup"), name, NULL, chosen_cb, make_wish (begin_backup, server, NULL, NULL));
}
