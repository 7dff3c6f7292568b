#include "ph-annotation.h"

#include "ph-account-store-private.h"
#include "ph-index-rows.h"
#include "ph-store-error.h"

/* No folder has this id. */
#define ACCOUNT_ITSELF 0

typedef struct
{
  PhJob      job;
  char      *name;        /* or NULL */
  GPtrArray *annotations; /* of PhAnnotation */
} AnnotationJob;

PhAnnotation *
ph_annotation_new (const char *entry,
                   GBytes     *value)
{
  PhAnnotation *self = g_new0 (PhAnnotation, 1);

  self->entry = g_strdup (entry);
  self->value = value != NULL ? g_bytes_ref (value) : NULL;

  return self;
}

void
ph_annotation_free (PhAnnotation *self)
{
  g_free (self->entry);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self);
}

static gboolean
find_folder (AnnotationJob *self,
             PhIndex       *index,
             gint64        *folder,
             GError       **error)
{
  g_auto (PhFolderRow) row = { 0 };

  *folder = ACCOUNT_ITSELF;
  if (self->name == NULL)
    return TRUE;
  if (!ph_folder_row_load (index, self->name, &row, error))
    return FALSE;
  *folder = row.id;

  return TRUE;
}

static gboolean
load_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  AnnotationJob *self = (AnnotationJob *)job;
  sqlite3_stmt  *statement;
  gint64         folder;
  int            result = -1;

  if (!find_folder (self, writer->index, &folder, error))
    return FALSE;

  statement = ph_index_query (writer->index, error, "SELECT entry, value FROM annotations WHERE folder = ? ORDER BY entry", "i", folder);
  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      g_autoptr (GBytes) value = g_bytes_new (sqlite3_column_blob (statement, 1), (gsize)sqlite3_column_bytes (statement, 1));

      g_ptr_array_add (self->annotations, ph_annotation_new ((const char *)sqlite3_column_text (statement, 0), value));
    }

  return result == 0;
}

static gboolean
check_room (PhIndex *index,
            gint64   folder,
            GError **error)
{
  gint64 n;
  gint64 bytes;

  if (!ph_index_get_number (index, &n, 0, error, "SELECT count(*) FROM annotations WHERE folder = ?", "i", folder) ||
      !ph_index_get_number (index, &bytes, 0, error, "SELECT sum(length(entry) + length(value)) FROM annotations", ""))
    return FALSE;
  if (n <= PH_ANNOTATIONS_MAX && bytes <= PH_ANNOTATIONS_BYTES_MAX)
    return TRUE;

  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, "Too many annotations");

  return FALSE;
}

static gboolean
set_run (PhJob    *job,
         PhWriter *writer,
         GError  **error)
{
  AnnotationJob *self = (AnnotationJob *)job;
  gboolean       adds = FALSE;
  gint64         folder;

  if (!find_folder (self, writer->index, &folder, error))
    return FALSE;

  for (guint i = 0; i < self->annotations->len; i++)
    {
      const PhAnnotation *annotation = g_ptr_array_index (self->annotations, i);

      adds |= annotation->value != NULL;
      if (!ph_index_run (writer->index, error, "DELETE FROM annotations WHERE folder = ? AND entry = ?", "is", folder, annotation->entry) ||
          (annotation->value != NULL && !ph_index_run (writer->index, error, "INSERT INTO annotations VALUES (?, ?, ?)", "isb", folder, annotation->entry, annotation->value)))
        return FALSE;
    }

  return !adds || check_room (writer->index, folder, error);
}

static void
load_done (PhJob *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_pointer (job->task, g_steal_pointer (&((AnnotationJob *)job)->annotations), (GDestroyNotify)g_ptr_array_unref);
}

static void
set_done (PhJob *job)
{
  AnnotationJob *self = (AnnotationJob *)job;

  if (job->error == NULL)
    ph_account_store_tell_annotations (PH_ACCOUNT_STORE (job->owner), self->name, self->annotations);
  ph_job_return_boolean (job);
}

static void
annotation_job_free (PhJob *job)
{
  AnnotationJob *self = (AnnotationJob *)job;

  g_free (self->name);
  g_clear_pointer (&self->annotations, g_ptr_array_unref);
}

static AnnotationJob *
new_job (PhAccountStore     *self,
         const char         *name,
         GPtrArray          *annotations, /* taken */
         GCancellable       *cancellable,
         GAsyncReadyCallback callback,
         gpointer            user_data)
{
  AnnotationJob *job = ph_job_new (sizeof *job, G_OBJECT (self), g_task_new (self, cancellable, callback, user_data));

  job->job.free = annotation_job_free;
  job->name = g_strdup (name);
  job->annotations = annotations;

  return job;
}

void
ph_account_store_load_annotations_async (PhAccountStore     *self,
                                         const char         *name,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data)
{
  GPtrArray     *found = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_annotation_free);
  AnnotationJob *job = new_job (self, name, found, cancellable, callback, user_data);

  job->job.run = load_run;
  job->job.done = load_done;
  ph_job_set_reads (&job->job);
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

GPtrArray *
ph_account_store_load_annotations_finish (PhAccountStore *self,
                                          GAsyncResult   *result,
                                          GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ph_account_store_set_annotations_async (PhAccountStore     *self,
                                        const char         *name,
                                        GPtrArray          *annotations,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data)
{
  AnnotationJob *job = new_job (self, name, g_ptr_array_ref (annotations), cancellable, callback, user_data);

  job->job.run = set_run;
  job->job.done = set_done;
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}
