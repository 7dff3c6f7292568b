#include "ph-recipient-row.h"

#include "ph-format.h"
#include "ph-own-reply.h"
#include "ph-state-look.h"

#include <glib/gi18n.h>

struct _PhRecipientRow
{
  AdwActionRow parent_instance;

  GtkImage *state_image;

  GObject           *recipient;
  const PhStateLook *look; /* of the image, NULL at first */
};

G_DEFINE_FINAL_TYPE (PhRecipientRow, ph_recipient_row, ADW_TYPE_ACTION_ROW)

static void
append (GString    *text,
        const char *part)
{
  if (part == NULL || *part == '\0')
    return;

  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

static void
update (PhRecipientRow *self)
{
  g_autofree char *address = NULL, *reply = NULL, *route = NULL, *tries_text = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  const PhStateLook *look;
  guint              state, tries;
  gint64             next_try;

  g_object_get (self->recipient, "address", &address, "last-reply", &reply, "route", &route,
                "state", &state, "tries", &tries, "next-try", &next_try, NULL);
  look = ph_state_look_of_queue (state);
  append (text, _ (look->label));
  /* Translators: how often delivery was tried */
  tries_text = g_strdup_printf (ngettext ("%u try", "%u tries", tries), tries);
  append (text, tries > 0 ? tries_text : NULL);
  if (next_try != 0)
    {
      g_autofree char *when = ph_format_relative_time (next_try, g_get_real_time ());
      /* Translators: when delivery is tried again, “in 5 minutes” */
      g_autofree char *next = g_strdup_printf (_ ("next %s"), when);

      append (text, next);
    }
  append (text, route);
  if (reply != NULL && *reply != '\0')
    {
      g_autofree char *said = ph_own_reply_translate (reply);

      g_string_append_printf (text, "\n%s", said);
    }

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), address);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text->str);
  ph_state_look_show (look, self->state_image, &self->look);
}

static void
ph_recipient_row_dispose (GObject *object)
{
  PhRecipientRow *self = PH_RECIPIENT_ROW (object);

  if (self->recipient != NULL)
    g_signal_handlers_disconnect_by_data (self->recipient, self);
  g_clear_object (&self->recipient);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_RECIPIENT_ROW);

  G_OBJECT_CLASS (ph_recipient_row_parent_class)->dispose (object);
}

static void
ph_recipient_row_class_init (PhRecipientRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_recipient_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-recipient-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhRecipientRow, state_image);
}

static void
ph_recipient_row_init (PhRecipientRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_recipient_row_new (GObject *recipient)
{
  PhRecipientRow *self = g_object_new (PH_TYPE_RECIPIENT_ROW, NULL);

  self->recipient = g_object_ref (recipient);
  g_signal_connect_object (recipient, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}
