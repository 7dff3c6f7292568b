#include "ph-mail-message-private.h"

#include "ph-mail-content.h"
#include "ph-mail-part-private.h"
#include "ph-store-error.h"

struct _PhMailMessage
{
  GObject parent_instance;

  guint32        uid;
  PhWorkerPool  *workers;
  GCancellable  *cancellable;
  PhMailContent *content; /* NULL until loaded */
  PhMailPart    *root;
  GListStore    *attachments;
  char          *error;
};

enum {
  PROP_0,
  PROP_LOADED,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PhMailMessage, ph_mail_message, G_TYPE_OBJECT)

/* Reading it: the file, its structure, then what is shown of it.  The steps hold no
 * reference, so that it stops when the person goes on to the next message: they are
 * cancelled, and a cancelled callback touches nothing. */

static void
fail (PhMailMessage *self,
      const GError  *error)
{
  self->error = g_strdup (error->message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

typedef struct
{
  PhMessage        *message;
  const PhMimePart *structure;
} PhContentJob;

static void
ph_content_job_free (gpointer data)
{
  PhContentJob *job = data;

  g_object_unref (job->message);
  g_free (job);
}

static void
make_content_in_thread (GTask        *task,
                        gpointer      source,
                        gpointer      data,
                        GCancellable *cancellable)
{
  PhContentJob  *job = data;
  GError        *error = NULL;
  PhMailContent *content = g_task_return_error_if_cancelled (task) ? NULL : ph_mail_content_new (job->message, job->structure, &error);

  if (content != NULL)
    g_task_return_pointer (task, content, (GDestroyNotify)ph_mail_content_free);
  else if (error != NULL)
    g_task_return_error (task, error);
}

static void
content_made_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  PhContentJob  *job = g_task_get_task_data (G_TASK (result));
  PhMailMessage *self = user_data;
  g_autoptr (GError) error = NULL;
  PhMailContent *content = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (content == NULL)
    {
      fail (self, error);
      return;
    }

  self->content = content;
  self->root = ph_mail_part_new (job->message, job->structure, self->workers);
  for (guint i = 0; i < content->attachments->len; i++)
    {
      g_autoptr (PhMailPart) part = ph_mail_part_new (job->message, content->attachments->pdata[i], self->workers);

      g_list_store_append (self->attachments, part);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
}

static void
structure_loaded_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  PhMailMessage *self = user_data;
  g_autoptr (GError) error = NULL;
  const PhMimePart *structure = ph_message_load_structure_finish (PH_MESSAGE (source), result, &error);
  g_autoptr (GTask) task = NULL;
  PhContentJob *job;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (structure == NULL)
    {
      fail (self, error);
      return;
    }

  job = g_new (PhContentJob, 1);
  job->message = g_object_ref (PH_MESSAGE (source));
  job->structure = structure;
  task = g_task_new (NULL, self->cancellable, content_made_cb, self);
  g_task_set_task_data (task, job, ph_content_job_free);
  ph_worker_pool_run (self->workers, task, make_content_in_thread);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhMailMessage *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMessage) message = ph_mailbox_open_message_finish (PH_MAILBOX (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (message == NULL)
    fail (self, error);
  else
    ph_message_load_structure_async (message, self->cancellable, structure_loaded_cb, self);
}

/* The object */

static void
ph_mail_message_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhMailMessage *self = PH_MAIL_MESSAGE (object);

  switch (id)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, self->content != NULL);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_message_dispose (GObject *object)
{
  g_cancellable_cancel (PH_MAIL_MESSAGE (object)->cancellable);

  G_OBJECT_CLASS (ph_mail_message_parent_class)->dispose (object);
}

static void
ph_mail_message_finalize (GObject *object)
{
  PhMailMessage *self = PH_MAIL_MESSAGE (object);

  g_clear_object (&self->workers);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->root);
  g_clear_object (&self->attachments);
  g_clear_pointer (&self->content, ph_mail_content_free);
  g_free (self->error);

  G_OBJECT_CLASS (ph_mail_message_parent_class)->finalize (object);
}

static void
ph_mail_message_class_init (PhMailMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_mail_message_get_property;
  object_class->dispose = ph_mail_message_dispose;
  object_class->finalize = ph_mail_message_finalize;

  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_mail_message_init (PhMailMessage *self)
{
  self->cancellable = g_cancellable_new ();
  self->attachments = g_list_store_new (PH_TYPE_MAIL_PART);
}

PhMailMessage *
ph_mail_message_new (PhMailbox    *mailbox,
                     guint32       uid,
                     PhWorkerPool *workers)
{
  PhMailMessage *self = g_object_new (PH_TYPE_MAIL_MESSAGE, NULL);

  self->uid = uid;
  self->workers = g_object_ref (workers);
  ph_mailbox_open_message_async (mailbox, uid, self->cancellable, opened_cb, self);

  return self;
}

guint32
ph_mail_message_get_uid (PhMailMessage *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), 0);

  return self->uid;
}

#define GETTER(type, name, none)                               \
  type ph_mail_message_get_##name (PhMailMessage *self)        \
  {                                                            \
    g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), none);    \
                                                               \
    return self->content != NULL ? self->content->name : none; \
  }

GETTER (const char *, subject, NULL)
GETTER (const char *, from, NULL)
GETTER (const char *, to, NULL)
GETTER (const char *, cc, NULL)
GETTER (gint64, date, 0)
GETTER (const char *, return_path, NULL)
GETTER (const char *, delivered_to, NULL)
GETTER (const GPtrArray *, hops, NULL)
GETTER (const GPtrArray *, checks, NULL)
GETTER (const PhMailText *, rich_text, NULL)
GETTER (const PhMailText *, headers, NULL)

const PhMailText *
ph_mail_message_get_plain_text (PhMailMessage *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), NULL);

  return ph_mail_message_has_both (self) ? self->content->plain_text : ph_mail_message_get_rich_text (self);
}

gboolean
ph_mail_message_has_both (PhMailMessage *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), FALSE);

  return self->content != NULL && self->content->plain_text != NULL;
}

PhMailPart *
ph_mail_message_get_root (PhMailMessage *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), NULL);

  return self->root;
}

GListModel *
ph_mail_message_get_attachments (PhMailMessage *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGE (self), NULL);

  return G_LIST_MODEL (self->attachments);
}
