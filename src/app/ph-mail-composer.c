#include "ph-mail-composer.h"

#include "ph-banner.h"
#include "ph-choose-file.h"
#include "ph-entry-row.h"
#include "ph-format.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhMailComposer
{
  AdwWindow parent_instance;

  PhBanner     *error_banner;
  GtkWidget    *form;
  AdwComboRow  *from_row;
  AdwEntryRow  *to_entry;
  AdwEntryRow  *subject_entry;
  GtkTextView  *body_view;
  AdwActionRow *attachment_row;
  GtkWidget    *remove_button;
  GtkButton    *send_button;

  PhServer      *server;
  GtkStringList *addresses;
  GFile         *attachment; /* NULL for none */
  GCancellable  *cancellable;
  gboolean       is_sending;
};

G_DEFINE_FINAL_TYPE (PhMailComposer, ph_mail_composer, ADW_TYPE_WINDOW)

static void
validate (PhMailComposer *self)
{
  const char      *to = gtk_editable_get_text (GTK_EDITABLE (self->to_entry));
  g_autofree char *problem = NULL;
  g_auto (GStrv) recipients = ph_mail_draft_dup_recipients (to, &problem);

  ph_entry_row_set_problem (self->to_entry, _ ("To"), *to != '\0' ? problem : NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->send_button), recipients != NULL && !self->is_sending && g_list_model_get_n_items (G_LIST_MODEL (self->addresses)) > 0);
}

static void
set_sending (PhMailComposer *self,
             gboolean        is_sending)
{
  self->is_sending = is_sending;
  /* An entry that can't be used any more must not keep the focus, of which it is not told. */
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_sensitive (self->form, !is_sending);
  if (!is_sending)
    gtk_widget_grab_focus (GTK_WIDGET (self->to_entry));
  gtk_button_set_label (self->send_button, is_sending ? _ ("Sending…") : _ ("_Send"));
  validate (self);
}

/* Sending */

static void
tell_sent (PhMailComposer *self,
           const char     *refused)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (refused != NULL)
    {
      /* Translators: addresses, each with what the server answered */
      g_autofree char *text = g_strdup_printf (_ ("Sent, but not to everybody. %s"), refused);

      set_sending (self, FALSE);
      g_object_set (self->error_banner, "title", text, NULL);
      return;
    }

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.toast", "s", _ ("Message sent. Its session is in the log."));
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
sent_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhMailComposer) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJournalSession) session = NULL;
  g_autofree char *refused = NULL;
  gboolean         sent = ph_mail_send_finish (PH_MAIL (source), result, &refused, &session, &error);

  if (self->server == NULL) /* closed meanwhile */
    return;

  if (sent)
    {
      tell_sent (self, refused);
      return;
    }
  set_sending (self, FALSE);
  g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
}

static void
send_cb (PhMailComposer *self)
{
  GtkTextBuffer   *buffer = gtk_text_view_get_buffer (self->body_view);
  g_autofree char *body = NULL;
  PhMailDraft      draft = { 0 };
  GtkTextIter      start, end;

  validate (self);
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->send_button)))
    return;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  body = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  draft.from = (char *)gtk_string_list_get_string (self->addresses, adw_combo_row_get_selected (self->from_row));
  draft.to = (char *)gtk_editable_get_text (GTK_EDITABLE (self->to_entry));
  draft.subject = (char *)gtk_editable_get_text (GTK_EDITABLE (self->subject_entry));
  draft.body = body;
  draft.attachment = self->attachment;

  g_object_set (self->error_banner, "title", NULL, NULL);
  set_sending (self, TRUE);
  ph_mail_send_async (ph_server_get_mail (self->server), &draft, self->cancellable, sent_cb, g_object_ref (self));
}

/* The attachment */

static void
set_attachment (PhMailComposer *self,
                GFile          *file)
{
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;
  g_autofree char *shown = name != NULL ? g_filename_display_name (name) : NULL;

  g_set_object (&self->attachment, file);
  adw_action_row_set_subtitle (self->attachment_row, shown != NULL ? shown : _ ("None"));
  gtk_widget_set_visible (self->remove_button, file != NULL);
}

static void
attachment_chosen_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  PhMailComposer *self = PH_MAIL_COMPOSER (source);
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (source), result, NULL);

  if (file != NULL && self->server != NULL)
    set_attachment (self, file);
}

static void
attach_clicked_cb (PhMailComposer *self)
{
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_OPEN, _ ("Attach a File"), NULL, NULL, attachment_chosen_cb, NULL);
}

static void
remove_clicked_cb (PhMailComposer *self)
{
  set_attachment (self, NULL);
}

static gboolean
dropped_cb (PhMailComposer *self,
            const GValue   *value,
            double          x,
            double          y)
{
  if (!G_VALUE_HOLDS (value, G_TYPE_FILE))
    return FALSE;

  set_attachment (self, g_value_get_object (value));

  return TRUE;
}

/* The object */

static void
ph_mail_composer_dispose (GObject *object)
{
  PhMailComposer *self = PH_MAIL_COMPOSER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->server);
  g_clear_object (&self->attachment);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_MAIL_COMPOSER);

  G_OBJECT_CLASS (ph_mail_composer_parent_class)->dispose (object);
}

static void
ph_mail_composer_finalize (GObject *object)
{
  g_object_unref (PH_MAIL_COMPOSER (object)->cancellable);
  g_object_unref (PH_MAIL_COMPOSER (object)->addresses);

  G_OBJECT_CLASS (ph_mail_composer_parent_class)->finalize (object);
}

static void
ph_mail_composer_class_init (PhMailComposerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_composer_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_mail_composer_finalize;

  g_type_ensure (PH_TYPE_BANNER);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, form);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, from_row);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, to_entry);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, subject_entry);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, body_view);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, attachment_row);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, remove_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailComposer, send_button);
  gtk_widget_class_bind_template_callback (widget_class, attach_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, send_cb);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_mail_composer_init (PhMailComposer *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  self->cancellable = g_cancellable_new ();
  self->addresses = gtk_string_list_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  adw_combo_row_set_model (self->from_row, G_LIST_MODEL (self->addresses));
  set_attachment (self, NULL);
  validate (self);
}

GtkWidget *
ph_mail_composer_new (PhServer   *server,
                      const char *from,
                      GtkWindow  *parent)
{
  PhMailComposer *self = g_object_new (PH_TYPE_MAIL_COMPOSER, "transient-for", parent, NULL);
  GListModel     *accounts = G_LIST_MODEL (ph_server_get_accounts (server));

  self->server = g_object_ref (server);
  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);

      gtk_string_list_append (self->addresses, ph_account_get_address (account));
      if (g_strcmp0 (ph_account_get_address (account), from) == 0)
        adw_combo_row_set_selected (self->from_row, i);
    }
  validate (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->to_entry));

  return GTK_WIDGET (self);
}
