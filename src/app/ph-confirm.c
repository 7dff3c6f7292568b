/* The one place that knows AdwMessageDialog, which is another widget from
 * libadwaita 1.5 on. */

#include "ph-confirm.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  GtkCheckButton *check; /* borrowed from the dialog */
  PhConfirmFunc   function;
  gpointer        user_data;
  GDestroyNotify  destroy;
} PhConfirmation;

static void
free_confirmation (gpointer  data,
                   GClosure *closure)
{
  PhConfirmation *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

static void
response_cb (AdwMessageDialog *dialog,
             const char       *response,
             PhConfirmation   *self)
{
  if (g_str_equal (response, "confirm"))
    self->function (self->check != NULL && gtk_check_button_get_active (self->check), self->user_data);
}

/* Its own label would not wrap. */
static GtkCheckButton *
new_check (const char *text)
{
  GtkCheckButton *check = GTK_CHECK_BUTTON (gtk_check_button_new ());
  GtkWidget      *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), GTK_WIDGET (check));
  gtk_check_button_set_child (check, label);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);

  return check;
}

void
ph_confirm (GtkWidget     *parent,
            const char    *heading,
            const char    *body,
            const char    *action_label,
            const char    *check_label,
            PhConfirmFunc  function,
            gpointer       user_data,
            GDestroyNotify destroy)
{
  GtkRoot          *root = gtk_widget_get_root (parent);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, heading, body));
  PhConfirmation   *self = g_new0 (PhConfirmation, 1);

  self->function = function;
  self->user_data = user_data;
  self->destroy = destroy;
  if (check_label != NULL)
    {
      self->check = new_check (check_label);
      gtk_check_button_set_active (self->check, TRUE);
      gtk_widget_set_halign (GTK_WIDGET (self->check), GTK_ALIGN_CENTER);
      adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (self->check));
    }

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "confirm", action_label, NULL);
  adw_message_dialog_set_response_appearance (dialog, "confirm", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), self, free_confirmation, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
