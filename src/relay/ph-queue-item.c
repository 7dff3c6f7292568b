#include "ph-queue-item-private.h"

struct _PhQueueRecipient
{
  GObject parent_instance;

  char        *address;
  PhQueueState state;
};

G_DEFINE_FINAL_TYPE (PhQueueRecipient, ph_queue_recipient, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ADDRESS,
  PROP_STATE,
  PROP_TRIES,
  PROP_NEXT_TRY,
  PROP_LAST_REPLY,
  PROP_ROUTE,
  /* of the item alone */
  PROP_ID,
  PROP_SENDER,
  PROP_SUBJECT,
  PROP_SIZE,
  PROP_ARRIVED,
  PROP_RECIPIENTS,
  PROP_SUMMARY,
  PROP_BAD,
};

#define FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
install_common (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_STATE, g_param_spec_uint ("state", NULL, NULL, 0, PH_QUEUE_FAILED, 0, FLAGS));
  g_object_class_install_property (klass, PROP_TRIES, g_param_spec_uint ("tries", NULL, NULL, 0, G_MAXUINT, 0, FLAGS));
  g_object_class_install_property (klass, PROP_NEXT_TRY, g_param_spec_int64 ("next-try", NULL, NULL, 0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_LAST_REPLY, g_param_spec_string ("last-reply", NULL, NULL, NULL, FLAGS));
}

static void
ph_queue_recipient_get_property (GObject    *object,
                                 guint       property_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PhQueueRecipient *self = PH_QUEUE_RECIPIENT (object);

  if (property_id == PROP_ADDRESS)
    g_value_set_string (value, self->address);
  else if (property_id == PROP_STATE)
    g_value_set_uint (value, self->state);
}

static void
ph_queue_recipient_finalize (GObject *object)
{
  g_free (PH_QUEUE_RECIPIENT (object)->address);

  G_OBJECT_CLASS (ph_queue_recipient_parent_class)->finalize (object);
}

static void
ph_queue_recipient_class_init (PhQueueRecipientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_queue_recipient_get_property;
  object_class->finalize = ph_queue_recipient_finalize;
  install_common (object_class);
  g_object_class_install_property (object_class, PROP_ADDRESS, g_param_spec_string ("address", NULL, NULL, NULL, FLAGS));
  g_object_class_install_property (object_class, PROP_ROUTE, g_param_spec_string ("route", NULL, NULL, NULL, FLAGS));
}

static void
ph_queue_recipient_init (PhQueueRecipient *self)
{
}

struct _PhQueueItem
{
  GObject parent_instance;

  char        *id;
  char        *sender;
  char        *summary;
  guint64      size;
  gint64       arrived;
  PhQueueState state;
  GListStore  *recipients;
};

G_DEFINE_FINAL_TYPE (PhQueueItem, ph_queue_item, G_TYPE_OBJECT)

static void
ph_queue_item_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  PhQueueItem *self = PH_QUEUE_ITEM (object);

  switch (property_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_SENDER:
      g_value_set_string (value, self->sender);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_ARRIVED:
      g_value_set_int64 (value, self->arrived);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_RECIPIENTS:
      g_value_set_object (value, self->recipients);
      break;
    default:
      break; /* what has no value yet keeps its default */
    }
}

static void
ph_queue_item_finalize (GObject *object)
{
  PhQueueItem *self = PH_QUEUE_ITEM (object);

  g_free (self->id);
  g_free (self->sender);
  g_free (self->summary);
  g_object_unref (self->recipients);

  G_OBJECT_CLASS (ph_queue_item_parent_class)->finalize (object);
}

static void
ph_queue_item_class_init (PhQueueItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_queue_item_get_property;
  object_class->finalize = ph_queue_item_finalize;
  install_common (object_class);
  g_object_class_install_property (object_class, PROP_ID, g_param_spec_string ("id", NULL, NULL, NULL, FLAGS));
  g_object_class_install_property (object_class, PROP_SENDER, g_param_spec_string ("sender", NULL, NULL, NULL, FLAGS));
  g_object_class_install_property (object_class, PROP_SUBJECT, g_param_spec_string ("subject", NULL, NULL, NULL, FLAGS));
  g_object_class_install_property (object_class, PROP_SUMMARY, g_param_spec_string ("summary", NULL, NULL, NULL, FLAGS));
  g_object_class_install_property (object_class, PROP_SIZE, g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, FLAGS));
  g_object_class_install_property (object_class, PROP_ARRIVED, g_param_spec_int64 ("arrived", NULL, NULL, 0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (object_class, PROP_RECIPIENTS, g_param_spec_object ("recipients", NULL, NULL, G_TYPE_LIST_MODEL, FLAGS));
  g_object_class_install_property (object_class, PROP_BAD, g_param_spec_boolean ("bad", NULL, NULL, FALSE, FLAGS));
}

static void
ph_queue_item_init (PhQueueItem *self)
{
  self->recipients = g_list_store_new (PH_TYPE_QUEUE_RECIPIENT);
}

PhQueueItem *
ph_queue_item_new (const char        *id,
                   const char        *sender,
                   const char *const *recipients,
                   guint64            size,
                   gint64             arrived)
{
  PhQueueItem *self = g_object_new (PH_TYPE_QUEUE_ITEM, NULL);
  guint        n = g_strv_length ((GStrv)recipients);

  self->id = g_strdup (id);
  self->sender = g_strdup (sender);
  self->size = size;
  self->arrived = arrived;
  self->summary = n > 1 ? g_strdup_printf ("%s and %u more", recipients[0], n - 1) : g_strdup (recipients[0]);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PhQueueRecipient) recipient = g_object_new (PH_TYPE_QUEUE_RECIPIENT, NULL);

      recipient->address = g_strdup (recipients[i]);
      g_list_store_append (self->recipients, recipient);
    }

  return self;
}

void
ph_queue_item_set_state (PhQueueItem *self,
                         PhQueueState state)
{
  if (self->state == state)
    return;

  self->state = state;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->recipients)); i++)
    {
      g_autoptr (PhQueueRecipient) recipient = g_list_model_get_item (G_LIST_MODEL (self->recipients), i);

      recipient->state = state;
      g_object_notify (G_OBJECT (recipient), "state");
    }
  g_object_notify (G_OBJECT (self), "state");
}

PhQueueState
ph_queue_item_get_state (PhQueueItem *self)
{
  return self->state;
}

const char *
ph_queue_item_get_id (PhQueueItem *self)
{
  return self->id;
}
