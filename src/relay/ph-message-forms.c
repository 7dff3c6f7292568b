#include "ph-message-forms.h"

typedef enum {
  UNKNOWN,
  MAKING,
  THERE,
  IMPOSSIBLE,
} State;

typedef struct
{
  State           state;
  PhQueueMessage *message;
  guint64         size;    /* without the prefix */
  GPtrArray      *waiting; /* of GTask, owned */
} Form;

struct _PhMessageForms
{
  GObject parent_instance;

  PhQueueDirectory *directory;
  PhDkimSigner     *signer;
  gint64            now;
  char             *id;
  gboolean          is_8bit;
  gboolean          has_long_lines;
  gboolean          came_with_utf8; /* SMTPUTF8 */
  gboolean          is_international;
  Form              forms[PH_N_FORMS];
};

G_DEFINE_FINAL_TYPE (PhMessageForms, ph_message_forms, G_TYPE_OBJECT)

static void
ph_message_forms_finalize (GObject *object)
{
  PhMessageForms *self = PH_MESSAGE_FORMS (object);

  for (guint i = 0; i < PH_N_FORMS; i++)
    {
      g_clear_pointer (&self->forms[i].message, ph_queue_message_unref);
      g_ptr_array_unref (self->forms[i].waiting);
    }
  g_object_unref (self->directory);
  g_clear_object (&self->signer);
  g_free (self->id);

  G_OBJECT_CLASS (ph_message_forms_parent_class)->finalize (object);
}

static void
ph_message_forms_class_init (PhMessageFormsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_message_forms_finalize;
}

static void
ph_message_forms_init (PhMessageForms *self)
{
  for (guint i = 0; i < PH_N_FORMS; i++)
    self->forms[i].waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

PhMessageForms *
ph_message_forms_new (PhQueueDirectory   *directory,
                      PhQueueMessage     *message,
                      const PhQueueEntry *entry,
                      PhDkimSigner       *signer,
                      gint64              now)
{
  PhMessageForms *self = g_object_new (PH_TYPE_MESSAGE_FORMS, NULL);

  self->directory = g_object_ref (directory);
  g_set_object (&self->signer, signer);
  self->now = now;
  self->id = g_strdup (entry->id);
  self->is_8bit = entry->body != PH_SMTP_BODY_7BIT;
  self->has_long_lines = entry->has_long_lines;
  self->came_with_utf8 = self->is_international = entry->smtputf8;
  self->forms[PH_FORM_AS_IS].message = ph_queue_message_ref (message);
  self->forms[PH_FORM_AS_IS].size = entry->size;

  return self;
}

/* In a thread */

typedef struct
{
  PhMessageForms *forms; /* of it, only what never changes */
  PhForm          form;
  char           *directory;
  PhQueueMessage *message; /* the original, then the form */
  guint64         size;
  gboolean        is_international;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->forms);
  ph_queue_message_unref (job->message);
  g_free (job->directory);
  g_free (job);
}

/* Mail without a signature is better than none: a key that can't be read is for the user to mend. */
static void
sign (Job *job)
{
  PhMessageForms *self = job->forms;
  g_autoptr (GError) error = NULL;
  g_autofree char *fields = NULL;

  if (self->signer == NULL)
    return;

  /* A prefix that says nothing only takes the Return-Path away: it must not be signed. */
  ph_queue_message_set_prefix (job->message, "");
  fields = ph_dkim_signer_sign (self->signer, ph_queue_message_read, job->message, self->now, &error);
  if (fields == NULL)
    g_message ("Relay: %s is sent without a signature: %s", self->id, error->message);
  else
    ph_queue_message_set_prefix (job->message, fields);
}

static void
prepare_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  Job *job = data;

  job->is_international = job->forms->came_with_utf8 && ph_queue_message_is_international (job->message);
  if (job->form == PH_FORM_7BIT)
    {
      PhQueueMessage *form = ph_queue_message_recode_for_7bit (job->message, job->directory, &job->size);

      if (form == NULL)
        {
          g_task_return_boolean (task, FALSE);
          return;
        }
      ph_queue_message_unref (job->message);
      job->message = form;
    }

  sign (job);
  g_task_return_boolean (task, TRUE);
}

/* In the main context */

static void
prepared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  PhMessageForms *self = PH_MESSAGE_FORMS (source);
  Job            *job = g_task_get_task_data (G_TASK (result));
  Form           *form = &self->forms[job->form];
  gboolean        is_there = g_task_propagate_boolean (G_TASK (result), NULL);
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&form->waiting);

  form->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  form->state = is_there ? THERE : IMPOSSIBLE;
  self->is_international = job->is_international;
  if (is_there && job->form != PH_FORM_AS_IS)
    {
      form->message = ph_queue_message_ref (job->message);
      form->size = job->size;
    }
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (waiting->pdata[i], is_there);
}

static void
make (PhMessageForms *self,
      PhForm          form)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, prepared_cb, NULL);
  Job *job = g_new0 (Job, 1);

  self->forms[form].state = MAKING;
  job->forms = g_object_ref (self);
  job->form = form;
  job->directory = g_strdup (ph_queue_directory_get_path (self->directory, PH_QUEUE_FOLDER_RELAY));
  job->message = ph_queue_message_ref (self->forms[PH_FORM_AS_IS].message);
  g_task_set_task_data (task, job, job_free);

  /* What parses a whole message in memory does so one after the other. */
  if (form == PH_FORM_7BIT || self->came_with_utf8)
    ph_queue_directory_run (self->directory, task, prepare_in_thread);
  else
    ph_queue_directory_run_many (self->directory, task, prepare_in_thread);
}

void
ph_message_forms_prepare_async (PhMessageForms     *self,
                                PhForm              form,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (PH_IS_MESSAGE_FORMS (self));

  if (self->forms[form].state == THERE || self->forms[form].state == IMPOSSIBLE)
    {
      g_task_return_boolean (task, self->forms[form].state == THERE);
      return;
    }

  g_ptr_array_add (self->forms[form].waiting, g_steal_pointer (&task));
  if (self->forms[form].state == UNKNOWN)
    make (self, form);
}

gboolean
ph_message_forms_prepare_finish (PhMessageForms *self,
                                 GAsyncResult   *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

PhForm
ph_message_forms_choose (PhMessageForms *self)
{
  return self->has_long_lines && self->forms[PH_FORM_7BIT].state == THERE ? PH_FORM_7BIT : PH_FORM_AS_IS;
}

PhQueueMessage *
ph_message_forms_get (PhMessageForms *self,
                      PhForm          form,
                      guint64        *size)
{
  *size = self->forms[form].size + ph_queue_message_get_prefix_length (self->forms[form].message);

  return self->forms[form].message;
}

gboolean
ph_message_forms_may_have (PhMessageForms *self,
                           PhForm          form)
{
  return self->forms[form].state != IMPOSSIBLE;
}

gboolean
ph_message_forms_is_8bit (PhMessageForms *self,
                          PhForm          form)
{
  return form == PH_FORM_AS_IS && self->is_8bit;
}

gboolean
ph_message_forms_is_international (PhMessageForms *self)
{
  return self->is_international;
}
