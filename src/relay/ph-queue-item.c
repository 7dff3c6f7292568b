#include "ph-queue-item-private.h"

/* What is said of a recipient as of a whole message. */
typedef struct
{
  guint  state;
  guint  tries;
  gint64 next_try;
  char  *last_reply;
} Common;

struct _PhQueueRecipient
{
  GObject parent_instance;

  Common common;
  char  *address;
  char  *route;
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
get_common (const Common *common,
            GObject      *object,
            guint         property_id,
            GValue       *value,
            GParamSpec   *pspec)
{
  switch (property_id)
    {
    case PROP_STATE:
      g_value_set_uint (value, common->state);
      break;
    case PROP_TRIES:
      g_value_set_uint (value, common->tries);
      break;
    case PROP_NEXT_TRY:
      g_value_set_int64 (value, common->next_try);
      break;
    case PROP_LAST_REPLY:
      g_value_set_string (value, common->last_reply);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* Each of these takes what differs and tells. */

static void
change_string (gpointer    object,
               const char *property,
               char      **field,
               const char *value)
{
  if (g_strcmp0 (*field, value) == 0)
    return;

  g_free (*field);
  *field = g_strdup (value);
  g_object_notify (object, property);
}

static void
change_uint (gpointer    object,
             const char *property,
             guint      *field,
             guint       value)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify (object, property);
}

static void
change_int64 (gpointer    object,
              const char *property,
              gint64     *field,
              gint64      value)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify (object, property);
}

static void
ph_queue_recipient_get_property (GObject    *object,
                                 guint       property_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PhQueueRecipient *self = PH_QUEUE_RECIPIENT (object);

  switch (property_id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_ROUTE:
      g_value_set_string (value, self->route);
      break;
    default:
      get_common (&self->common, object, property_id, value, pspec);
    }
}

static void
ph_queue_recipient_finalize (GObject *object)
{
  PhQueueRecipient *self = PH_QUEUE_RECIPIENT (object);

  g_free (self->address);
  g_free (self->common.last_reply);
  g_free (self->route);

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

static void
ph_queue_recipient_update (PhQueueRecipient       *self,
                           const PhQueueAddressee *addressee,
                           PhQueueState            state)
{
  g_object_freeze_notify (G_OBJECT (self));
  change_string (self, "address", &self->address, addressee->address);
  change_uint (self, "state", &self->common.state, state);
  change_uint (self, "tries", &self->common.tries, addressee->tries);
  change_int64 (self, "next-try", &self->common.next_try, state == PH_QUEUE_DEFERRED ? addressee->next_try : 0);
  change_string (self, "last-reply", &self->common.last_reply, addressee->last_reply);
  change_string (self, "route", &self->route, addressee->route);
  g_object_thaw_notify (G_OBJECT (self));
}

struct _PhQueueItem
{
  GObject parent_instance;

  char       *id;
  char       *sender;
  char       *subject;
  char       *summary;
  guint64     size;
  gint64      arrived;
  Common      common;
  GListStore *recipients;
  gboolean    bad;
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
    case PROP_SUBJECT:
      g_value_set_string (value, self->subject);
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
    case PROP_RECIPIENTS:
      g_value_set_object (value, self->recipients);
      break;
    case PROP_BAD:
      g_value_set_boolean (value, self->bad);
      break;
    default:
      get_common (&self->common, object, property_id, value, pspec);
    }
}

static void
ph_queue_item_finalize (GObject *object)
{
  PhQueueItem *self = PH_QUEUE_ITEM (object);

  g_free (self->id);
  g_free (self->sender);
  g_free (self->subject);
  g_free (self->summary);
  g_free (self->common.last_reply);
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
ph_queue_item_new (const char  *id,
                   PhQueueState state,
                   gboolean     bad)
{
  PhQueueItem *self = g_object_new (PH_TYPE_QUEUE_ITEM, NULL);

  self->id = g_strdup (id);
  self->common.state = state;
  self->bad = bad;

  return self;
}

void
ph_queue_item_set_state (PhQueueItem *self,
                         PhQueueState state)
{
  change_uint (self, "state", &self->common.state, state);
}

/* What a recipient shows where the whole message is being tried, or held. */
static PhQueueState
get_shown_state (PhQueueItem            *self,
                 const PhQueueAddressee *addressee)
{
  gboolean with_all = self->common.state == PH_QUEUE_TRYING || self->common.state == PH_QUEUE_HELD;

  return with_all && ph_queue_addressee_waits (addressee) ? self->common.state : addressee->state;
}

static void
update_recipients (PhQueueItem        *self,
                   const PhQueueEntry *entry)
{
  GListModel *model = G_LIST_MODEL (self->recipients);

  while (g_list_model_get_n_items (model) > entry->addressees->len)
    g_list_store_remove (self->recipients, g_list_model_get_n_items (model) - 1);

  for (guint i = 0; i < entry->addressees->len; i++)
    {
      g_autoptr (PhQueueRecipient) recipient = g_list_model_get_item (model, i);
      const PhQueueAddressee *addressee = entry->addressees->pdata[i];

      if (recipient == NULL)
        {
          recipient = g_object_new (PH_TYPE_QUEUE_RECIPIENT, NULL);
          ph_queue_recipient_update (recipient, addressee, get_shown_state (self, addressee));
          g_list_store_append (self->recipients, recipient);
        }
      else
        ph_queue_recipient_update (recipient, addressee, get_shown_state (self, addressee));
    }
}

/* The recipient that tells most about the message: the one that comes next, else the last
 * that failed. */
static const PhQueueAddressee *
find_leader (const PhQueueEntry *entry)
{
  const PhQueueAddressee *leader = entry->addressees->pdata[0];

  for (guint i = 1; i < entry->addressees->len; i++)
    {
      const PhQueueAddressee *addressee = entry->addressees->pdata[i];

      if (leader->state == PH_QUEUE_DONE || (ph_queue_addressee_waits (addressee) && (!ph_queue_addressee_waits (leader) || addressee->next_try < leader->next_try)))
        leader = addressee;
    }

  return leader;
}

void
ph_queue_item_update (PhQueueItem        *self,
                      const PhQueueEntry *entry,
                      const char         *subject)
{
  const PhQueueAddressee *leader = find_leader (entry);
  g_autofree char        *summary = ph_queue_entry_summarize (entry);
  gboolean                waits = leader->state == PH_QUEUE_DEFERRED && !entry->held;

  g_object_freeze_notify (G_OBJECT (self));
  change_string (self, "sender", &self->sender, entry->sender);
  if (subject != NULL)
    change_string (self, "subject", &self->subject, subject);
  change_string (self, "summary", &self->summary, summary);
  change_int64 (self, "arrived", &self->arrived, entry->arrived);
  if (self->size != entry->size)
    {
      self->size = entry->size;
      g_object_notify (G_OBJECT (self), "size");
    }
  change_uint (self, "tries", &self->common.tries, leader->tries);
  change_int64 (self, "next-try", &self->common.next_try, waits ? leader->next_try : 0);
  change_string (self, "last-reply", &self->common.last_reply, self->bad && entry->reason != NULL ? entry->reason : leader->last_reply);
  update_recipients (self, entry);
  g_object_thaw_notify (G_OBJECT (self));
}

const char *
ph_queue_item_get_id (PhQueueItem *self)
{
  g_return_val_if_fail (PH_IS_QUEUE_ITEM (self), NULL);

  return self->id;
}
