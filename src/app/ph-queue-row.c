#include "ph-queue-row.h"

#include "ph-own-reply.h"
#include "ph-state-look.h"
#include "ph-time-label.h"

#include <glib/gi18n.h>

struct _PhQueueRow
{
  AdwBin parent_instance;

  GtkImage    *state_image;
  GtkLabel    *summary_label;
  GtkLabel    *state_label;
  GtkLabel    *subject_label;
  GtkLabel    *tries_label;
  GtkLabel    *next_label;
  PhTimeLabel *next_time;
  GtkLabel    *reply_label;

  GObject           *item;
  const PhStateLook *look; /* of the image, NULL at first */
};

G_DEFINE_FINAL_TYPE (PhQueueRow, ph_queue_row, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
update_state (PhQueueRow *self,
              guint       state)
{
  const PhStateLook *look = ph_state_look_of_queue (state);

  ph_state_look_show (look, self->state_image, &self->look);
  gtk_label_set_label (self->state_label, _ (look->label));
}

static void
update_subject (PhQueueRow *self,
                const char *subject,
                const char *sender,
                guint64     size)
{
  g_autofree char *formatted = g_format_size (size);
  g_autofree char *text = NULL;
  gboolean         has_subject = subject != NULL && *subject != '\0';

  /* Translators: subject of a message, who sent it, its size */
  text = g_strdup_printf (_ ("%s · from %s · %s"), has_subject ? subject : _ ("No subject"), *sender != '\0' ? sender : _ ("this server (a report)"), formatted);
  gtk_label_set_label (self->subject_label, text);
}

static void
update (PhQueueRow *self)
{
  g_autofree char *summary = NULL, *subject = NULL, *sender = NULL, *reply = NULL, *said = NULL, *tries_text = NULL;
  guint            state, tries;
  gint64           next_try;
  guint64          size;
  gboolean         bad;

  g_object_get (self->item, "summary", &summary, "subject", &subject, "sender", &sender, "last-reply", &reply,
                "state", &state, "tries", &tries, "next-try", &next_try, "size", &size, "bad", &bad, NULL);

  update_state (self, bad ? PH_QUEUE_LOOK_FAILED : state);
  update_subject (self, subject, sender != NULL ? sender : "", size);
  gtk_label_set_label (self->summary_label, summary);
  /* Translators: how often delivery was tried */
  tries_text = g_strdup_printf (ngettext ("%u try", "%u tries", tries), tries);
  gtk_label_set_label (self->tries_label, tries_text);
  gtk_widget_set_visible (GTK_WIDGET (self->tries_label), tries > 0);

  g_object_set (self->next_time, "time", next_try, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->next_label), next_try != 0 && !bad);
  gtk_widget_set_visible (GTK_WIDGET (self->next_time), next_try != 0 && !bad);
  said = reply != NULL ? ph_own_reply_translate (reply) : NULL;
  gtk_label_set_label (self->reply_label, said);
  gtk_widget_set_visible (GTK_WIDGET (self->reply_label), reply != NULL);
}

static void
set_item (PhQueueRow *self,
          GObject    *item)
{
  if (item == self->item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  g_signal_connect_object (item, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
ph_queue_row_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, PH_QUEUE_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_queue_row_set_property (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (PH_QUEUE_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_queue_row_dispose (GObject *object)
{
  set_item (PH_QUEUE_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_QUEUE_ROW);

  G_OBJECT_CLASS (ph_queue_row_parent_class)->dispose (object);
}

static void
ph_queue_row_class_init (PhQueueRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_queue_row_get_property;
  object_class->set_property = ph_queue_row_set_property;
  object_class->dispose = ph_queue_row_dispose;

  properties[PROP_ITEM] = g_param_spec_object ("item", NULL, NULL, G_TYPE_OBJECT, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PH_TYPE_TIME_LABEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-queue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, state_image);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, subject_label);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, tries_label);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, next_label);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, next_time);
  gtk_widget_class_bind_template_child (widget_class, PhQueueRow, reply_label);
}

static void
ph_queue_row_init (PhQueueRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
