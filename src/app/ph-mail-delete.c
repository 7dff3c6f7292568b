#include "ph-mail-delete.h"

#include "ph-confirm.h"
#include "ph-format.h"

#include <glib/gi18n.h>

/* What was asked about, whatever is chosen by then. */
typedef struct
{
  GtkWidget  *parent;
  PhMailList *list;
  GArray     *uids;
} PhDeletion;

static void
ph_deletion_free (gpointer data)
{
  PhDeletion *deletion = data;

  g_object_unref (deletion->parent);
  g_object_unref (deletion->list);
  g_array_unref (deletion->uids);
  g_free (deletion);
}

static void
deleted_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GtkWidget) parent = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_mail_list_delete_finish (PH_MAIL_LIST (source), result, &error))
    gtk_widget_activate_action (parent, "win.toast", "s", ph_format_words (error->message));
}

static void
confirmed_cb (gboolean checked,
              gpointer data)
{
  PhDeletion *deletion = data;

  ph_mail_list_delete_async (deletion->list, (const guint32 *)(gpointer)deletion->uids->data, deletion->uids->len, deleted_cb, g_object_ref (deletion->parent));
}

void
ph_mail_delete_ask (GtkWidget  *parent,
                    PhMailList *list,
                    GArray     *uids)
{
  PhDeletion *deletion = g_new (PhDeletion, 1);
  /* Translators: a number of messages */
  g_autofree char *heading = g_strdup_printf (ngettext ("Delete %u message for good?", "Delete %u messages for good?", uids->len), uids->len);

  deletion->parent = g_object_ref (parent);
  deletion->list = g_object_ref (list);
  deletion->uids = g_array_ref (uids);
  ph_confirm (parent, heading, _ ("This can’t be undone."), _ ("_Delete"), NULL, confirmed_cb, deletion, ph_deletion_free);
}
