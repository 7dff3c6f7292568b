#include "ph-mail-save.h"

#include "ph-choose-file.h"
#include "ph-format.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget     *parent; /* owned */
  PhMailPart    *part;
  PhMailPartForm form;
} PhSave;

static void
ph_save_free (PhSave *save)
{
  g_object_unref (save->parent);
  g_object_unref (save->part);
  g_free (save);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSave, ph_save_free)

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhSave) save = user_data;
  g_autoptr (GError) error = NULL;

  ph_mail_part_save_finish (PH_MAIL_PART (source), result, &error);
  gtk_widget_activate_action (save->parent, "win.toast", "s", error != NULL ? ph_format_words (error->message) : _ ("Saved"));
}

static void
chosen_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhSave) save = user_data;
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, NULL);
  PhMailPart *part = save->part;

  if (file != NULL)
    ph_mail_part_save_async (part, save->form, file, NULL, saved_cb, g_steal_pointer (&save));
}

void
ph_mail_save (GtkWidget     *parent,
              PhMailPart    *part,
              PhMailPartForm form,
              const char    *suggested_name)
{
  PhSave *save = g_new (PhSave, 1);

  save->parent = g_object_ref (parent);
  save->part = g_object_ref (part);
  save->form = form;
  ph_choose_file_async (parent, PH_CHOOSE_SAVE, _ ("Save"), suggested_name, NULL, chosen_cb, save);
}
