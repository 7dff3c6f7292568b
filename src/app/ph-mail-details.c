#include "ph-mail-details.h"

#include "ph-column-layout.h"
#include "ph-explain-check.h"
#include "ph-format.h"
#include "ph-mail-text-view.h"

#include <glib/gi18n.h>

struct _PhMailDetails
{
  AdwBin parent_instance;

  GtkListBox     *list;
  GtkWidget      *checks;
  GtkListBox     *checks_list;
  PhMailTextView *headers_view;
};

G_DEFINE_FINAL_TYPE (PhMailDetails, ph_mail_details, ADW_TYPE_BIN)

static void
clear (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* What it says comes from the mail: no markup. */
static void
add_row (PhMailDetails *self,
         const char    *title,
         const char    *value)
{
  GtkWidget *row;

  if (value == NULL)
    return;

  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title, "subtitle", value, "subtitle-lines", 3, "activatable", FALSE, NULL);
  gtk_list_box_append (self->list, row);
}

static void
append_clause (GString    *text,
               const char *format,
               const char *value)
{
  if (value == NULL)
    return;
  if (text->len > 0)
    g_string_append (text, "\n");
  g_string_append_printf (text, "%s %s", format, value);
}

/* The log keeps so many sessions only: what is found there may be nothing. */
static GtkWidget *
make_life_button (const char *id)
{
  const char *const messages[] = { id, NULL };

  return g_object_new (GTK_TYPE_BUTTON, "label", _ ("_Life Line"), "use-underline", TRUE, "tooltip-text", _ ("Show the session that brought it, and who fetched it"), "valign", GTK_ALIGN_CENTER, "action-name", "win.show-life", "action-target", g_variant_new_strv (messages, -1), NULL);
}

static void
add_hop (PhMailDetails    *self,
         const PhReceived *hop,
         gboolean          is_ours)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GtkWidget       *row;
  g_autofree char *time = hop->time != 0 ? ph_format_absolute_time (hop->time * G_USEC_PER_SEC) : NULL;
  g_autofree char *from = hop->from_comment != NULL ? g_strdup_printf ("%s (%s)", hop->from != NULL ? hop->from : "", hop->from_comment) : g_strdup (hop->from);
  const char      *by = hop->by != NULL ? hop->by : _ ("a server without a name");
  /* Translators: the name of a server */
  g_autofree char *ours = g_strdup_printf (_ ("Received by this server, %s"), by);
  /* Translators: the name of a server */
  g_autofree char *theirs = g_strdup_printf (_ ("Received by %s"), by);

  /* Translators: of a server that handed a message on */
  append_clause (text, _ ("From:"), from);
  append_clause (text, _ ("Protocol:"), hop->with);
  if (hop->with_comment != NULL)
    append_clause (text, _ ("Encryption:"), hop->with_comment);
  else if (hop->with != NULL && strchr (hop->with, 'S') == NULL)
    append_clause (text, _ ("Encryption:"), _ ("none"));
  append_clause (text, _ ("Its ID there:"), hop->id);
  append_clause (text, _ ("For:"), hop->recipient);
  append_clause (text, _ ("Time:"), time);
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", is_ours ? ours : theirs, "title-lines", 0, "subtitle", text->str, "activatable", FALSE, NULL);
  if (is_ours && hop->id != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_life_button (hop->id));
  gtk_list_box_append (self->list, row);
}

static void
add_check (PhMailDetails      *self,
           const PhAuthResult *check)
{
  g_autofree char *title = ph_explain_check_dup_title (check);
  g_autofree char *text = ph_explain_check_dup_text (check);
  GtkWidget       *row;

  if (title == NULL)
    return;

  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title, "title-lines", 0, "subtitle", text, "activatable", FALSE, NULL);
  gtk_list_box_append (self->checks_list, row);
}

void
ph_mail_details_set_message (PhMailDetails *self,
                             PhMailMessage *message)
{
  const GPtrArray *hops, *checks;
  const char      *sender;

  g_return_if_fail (PH_IS_MAIL_DETAILS (self));

  clear (self->list);
  clear (self->checks_list);
  gtk_widget_set_visible (self->checks, FALSE);
  ph_mail_text_view_set_text (self->headers_view, message != NULL ? ph_mail_message_get_headers (message) : NULL);
  if (message == NULL)
    return;

  sender = ph_mail_message_get_return_path (message);
  hops = ph_mail_message_get_hops (message);
  add_row (self, _ ("Sent by (Return-Path)"), sender == NULL || *sender != '\0' ? sender : _ ("nobody: a report"));
  add_row (self, _ ("Delivered to"), ph_mail_message_get_delivered_to (message));
  if (hops->len > 0)
    add_row (self, _ ("Really for"), ((const PhReceived *)hops->pdata[0])->recipient);
  for (guint i = 0; i < hops->len; i++)
    add_hop (self, hops->pdata[i], i == 0);
  checks = ph_mail_message_get_checks (message);
  for (guint i = 0; i < checks->len; i++)
    add_check (self, checks->pdata[i]);
  gtk_widget_set_visible (self->checks, gtk_widget_get_first_child (GTK_WIDGET (self->checks_list)) != NULL);
  if (sender == NULL && hops->len == 0)
    add_row (self, _ ("No envelope"), _ ("This message came over no mail server: a program put it into the folder."));
}

static void
ph_mail_details_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_DETAILS);

  G_OBJECT_CLASS (ph_mail_details_parent_class)->dispose (object);
}

static void
ph_mail_details_class_init (PhMailDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_details_dispose;

  g_type_ensure (PH_TYPE_COLUMN_LAYOUT);
  g_type_ensure (PH_TYPE_MAIL_TEXT_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-details.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailDetails, list);
  gtk_widget_class_bind_template_child (widget_class, PhMailDetails, checks);
  gtk_widget_class_bind_template_child (widget_class, PhMailDetails, checks_list);
  gtk_widget_class_bind_template_child (widget_class, PhMailDetails, headers_view);
}

static void
ph_mail_details_init (PhMailDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_mail_text_view_set_label (self->headers_view, _ ("Header"));
}
