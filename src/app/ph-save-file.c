#include "ph-save-file.h"

#include "ph-choose-file.h"
#include "ph-format.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget    *parent;
  GBytes       *contents;
  GCancellable *cancellable; /* or NULL */
} PhSave;

static void
ph_save_free (PhSave *self)
{
  g_object_unref (self->parent);
  g_bytes_unref (self->contents);
  g_clear_object (&self->cancellable);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSave, ph_save_free)

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhSave) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    {
      g_autofree char *name = g_file_get_basename (G_FILE (source));

      /* Translators: the name of a file */
      message = g_strdup_printf (_ ("Saved %s"), name);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    /* Translators: why */
    message = g_strdup_printf (_ ("The file could not be saved: %s"), ph_format_words (error->message));
  if (message != NULL)
    gtk_widget_activate_action (self->parent, "win.toast", "s", message);
}

static void
chosen_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhSave) self = user_data;
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, NULL);
  GBytes       *contents = self->contents;
  GCancellable *cancellable = self->cancellable;

  if (file != NULL)
    g_file_replace_contents_bytes_async (file, contents, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                                         cancellable, written_cb, g_steal_pointer (&self));
}

void
ph_save_file (GtkWidget    *parent,
              const char   *title,
              const char   *suggested_name,
              GBytes       *contents,
              GCancellable *cancellable)
{
  PhSave *self = g_new0 (PhSave, 1);

  self->parent = g_object_ref (parent);
  self->contents = g_bytes_ref (contents);
  g_set_object (&self->cancellable, cancellable);
  ph_choose_file_async (parent, PH_CHOOSE_SAVE, title, suggested_name, cancellable, chosen_cb, self);
}
