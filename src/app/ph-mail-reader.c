#include "ph-mail-reader.h"

#include "ph-format.h"
#include "ph-mail-details.h"
#include "ph-mail-parts.h"
#include "ph-mail-save.h"
#include "ph-mail-text-view.h"
#include "ph-wrap-layout.h"

#include <glib/gi18n.h>

struct _PhMailReader
{
  AdwBin parent_instance;

  GtkWidget       *back_button;
  GtkMenuButton   *move_button;
  GtkStack        *stack;
  AdwStatusPage   *none_page;
  AdwStatusPage   *error_page;
  GtkLabel        *subject_label;
  GtkLabel        *from_label;
  GtkLabel        *to_label;
  GtkLabel        *date_label;
  GtkWidget       *switcher;
  GtkStack        *pages;
  GtkToggleButton *plain_button;
  PhMailTextView  *body_view;
  GtkFlowBox      *attachments_box;
  GtkWidget       *attachments_scroller;
  PhMailDetails   *details;
  PhMailParts     *parts;
  PhMailTextView  *source_view;

  PhMailMessage *message;
  GCancellable  *cancellable; /* of the source that is being read; NULL where it was not asked for */
};

G_DEFINE_FINAL_TYPE (PhMailReader, ph_mail_reader, ADW_TYPE_BIN)

static gboolean
is_loaded (PhMailReader *self)
{
  return self->message != NULL && ph_mail_message_get_root (self->message) != NULL;
}

/* What it says */

static void
update_body (PhMailReader *self)
{
  gboolean plain = gtk_toggle_button_get_active (self->plain_button);

  if (is_loaded (self))
    ph_mail_text_view_set_text (self->body_view, plain ? ph_mail_message_get_plain_text (self->message) : ph_mail_message_get_rich_text (self->message));
}

static void
plain_toggled_cb (PhMailReader *self)
{
  update_body (self);
}

static void
save_clicked_cb (GtkButton *button,
                 gpointer   data)
{
  PhMailPart      *part = data;
  g_autofree char *name = g_strdup (ph_mail_part_get_file_name (part));

  if (name == NULL)
    name = g_strdup (_ ("attachment"));
  ph_mail_save (GTK_WIDGET (button), part, PH_MAIL_PART_DECODED, name);
}

static GtkWidget *
make_attachment (gpointer item,
                 gpointer data)
{
  const char      *name = ph_mail_part_get_file_name (item);
  g_autofree char *size = g_format_size (ph_mail_part_get_size (item));
  g_autofree char *text = g_strdup_printf ("%s (%s)", name != NULL ? name : ph_mail_part_get_content_type (item), size);
  /* Translators: the name of an attached file */
  g_autofree char *tooltip = g_strdup_printf (_ ("Save %s…"), name != NULL ? name : ph_mail_part_get_content_type (item));
  GtkWidget       *button = gtk_button_new ();
  GtkWidget       *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget       *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 32);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("mail-attachment-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_signal_connect_data (button, "clicked", G_CALLBACK (save_clicked_cb), g_object_ref (item), (GClosureNotify)(void (*) (void))g_object_unref, 0);

  return button;
}

static void
set_line (GtkLabel   *label,
          const char *format,
          const char *value)
{
  g_autofree char *text = value != NULL ? g_strdup_printf ("%s %s", format, value) : NULL;

  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), value);
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

static void
update_heading (PhMailReader *self)
{
  const char      *subject = ph_mail_message_get_subject (self->message);
  const char      *to = ph_mail_message_get_to (self->message);
  const char      *cc = ph_mail_message_get_cc (self->message);
  gint64           date = ph_mail_message_get_date (self->message);
  g_autofree char *when = date != 0 ? ph_format_absolute_time (date) : NULL;
  g_autofree char *people = to != NULL && cc != NULL ? g_strdup_printf ("%s, %s", to, cc) : g_strdup (to != NULL ? to : cc);

  gtk_label_set_text (self->subject_label, subject != NULL && *subject != '\0' ? subject : _ ("No subject"));
  set_line (self->from_label, _ ("From"), ph_mail_message_get_from (self->message));
  set_line (self->to_label, _ ("To"), people);
  set_line (self->date_label, _ ("Sent"), when);
}

/* The source is read when it is looked at. */

static void
source_loaded_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (PhMailReader) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailText) text = ph_mail_part_load_text_finish (PH_MAIL_PART (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (error->message));
  ph_mail_text_view_set_text (self->source_view, text);
}

static void
page_shown_cb (PhMailReader *self)
{
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "source") != 0 || self->cancellable != NULL || !is_loaded (self))
    return;

  self->cancellable = g_cancellable_new ();
  ph_mail_part_load_text_async (ph_mail_message_get_root (self->message), PH_MAIL_PART_RAW, self->cancellable, source_loaded_cb, g_object_ref (self));
}

/* What is shown */

static void
show_message (PhMailReader *self)
{
  GListModel *attachments = ph_mail_message_get_attachments (self->message);
  gboolean    has_both = ph_mail_message_has_both (self->message);

  update_heading (self);
  gtk_widget_set_visible (GTK_WIDGET (self->plain_button), has_both);
  update_body (self);
  gtk_flow_box_bind_model (self->attachments_box, attachments, make_attachment, NULL, NULL);
  gtk_widget_set_visible (self->attachments_scroller, g_list_model_get_n_items (attachments) > 0);
  ph_mail_details_set_message (self->details, self->message);
  ph_mail_parts_set_root (self->parts, ph_mail_message_get_root (self->message));
  gtk_stack_set_visible_child_name (self->stack, "message");
  page_shown_cb (self);
}

static void
message_changed_cb (PhMailReader *self)
{
  g_autofree char *error = NULL;

  g_object_get (self->message, "error", &error, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.save", is_loaded (self));
  if (is_loaded (self))
    {
      show_message (self);
    }
  else if (error != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error, -1);

      adw_status_page_set_description (self->error_page, escaped);
      gtk_stack_set_visible_child_name (self->stack, "error");
    }
}

/* Until the next one is there the last one stays, so that nothing flickers. */
void
ph_mail_reader_set_message (PhMailReader  *self,
                            PhMailMessage *message)
{
  g_return_if_fail (PH_IS_MAIL_READER (self));

  if (message == self->message)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_set_object (&self->message, message);
  ph_mail_text_view_set_text (self->source_view, NULL);
  if (message == NULL)
    {
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.save", FALSE);
      ph_mail_details_set_message (self->details, NULL);
      ph_mail_parts_set_root (self->parts, NULL);
      ph_mail_text_view_set_text (self->body_view, NULL);
      gtk_flow_box_bind_model (self->attachments_box, NULL, NULL, NULL, NULL);
      gtk_stack_set_visible_child_name (self->stack, "none");
      return;
    }

  g_signal_connect_object (message, "notify", G_CALLBACK (message_changed_cb), self, G_CONNECT_SWAPPED);
  message_changed_cb (self);
}

void
ph_mail_reader_set_n_chosen (PhMailReader *self,
                             guint         n)
{
  g_autofree char *title = NULL;

  g_return_if_fail (PH_IS_MAIL_READER (self));

  gtk_widget_set_sensitive (GTK_WIDGET (self->move_button), n > 0);
  if (n == 0)
    title = g_strdup (_ ("No Message Chosen"));
  else
    /* Translators: a number of messages; a title */
    title = g_strdup_printf (ngettext ("%u Message Chosen", "%u Messages Chosen", n), n);
  adw_status_page_set_title (self->none_page, title);
  adw_status_page_set_description (self->none_page, n == 0 ? _ ("Choose a message to read it. It stays as it is: reading it here does not mark it as read.") : _ ("Flags, moves and deletions are for all of them."));
}

void
ph_mail_reader_set_move_menu (PhMailReader *self,
                              GMenuModel   *menu)
{
  g_return_if_fail (PH_IS_MAIL_READER (self));

  gtk_menu_button_set_menu_model (self->move_button, menu);
}

void
ph_mail_reader_set_folded (PhMailReader *self,
                           gboolean      folded)
{
  g_return_if_fail (PH_IS_MAIL_READER (self));

  gtk_widget_set_visible (self->back_button, folded);
}

static void
save_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhMailReader    *self = PH_MAIL_READER (widget);
  const char      *subject = ph_mail_message_get_subject (self->message);
  g_autofree char *name = g_strdup_printf ("%.60s.eml", subject != NULL && *subject != '\0' && g_str_is_ascii (subject) ? subject : _ ("message"));

  ph_mail_save (widget, ph_mail_message_get_root (self->message), PH_MAIL_PART_RAW, g_strdelimit (name, "/\\:*?\"<>|", '_'));
}

/* The object */

static void
ph_mail_reader_dispose (GObject *object)
{
  PhMailReader *self = PH_MAIL_READER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_READER);

  G_OBJECT_CLASS (ph_mail_reader_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, back_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, move_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, stack);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, none_page);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, error_page);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, subject_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, from_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, to_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, date_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, switcher);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, pages);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, plain_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, body_view);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, attachments_box);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, attachments_scroller);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, details);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, parts);
  gtk_widget_class_bind_template_child (widget_class, PhMailReader, source_view);
}

static void
ph_mail_reader_class_init (PhMailReaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_reader_dispose;

  g_type_ensure (PH_TYPE_MAIL_DETAILS);
  g_type_ensure (PH_TYPE_MAIL_PARTS);
  g_type_ensure (PH_TYPE_MAIL_TEXT_VIEW);
  g_type_ensure (PH_TYPE_WRAP_LAYOUT);
  gtk_widget_class_install_action (widget_class, "reader.save", NULL, save_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-reader.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, page_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, plain_toggled_cb);
}

static void
ph_mail_reader_init (PhMailReader *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_remove_css_class (self->switcher, "linked"); /* they may stand on two lines */
  ph_mail_text_view_set_label (self->body_view, _ ("Message"));
  ph_mail_text_view_set_label (self->source_view, _ ("Source"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reader.save", FALSE);
  ph_mail_reader_set_n_chosen (self, 0);
}
