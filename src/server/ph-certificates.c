#include "ph-certificates.h"

#include "ph-certificate-names.h"
#include "ph-net-error.h"
#include "ph-settings-certificates.h"
#include "ph-tls-authority.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PhCertificates
{
  GObject parent_instance;

  PhSettings   *settings;
  PhClock      *clock;
  PhWorkerPool *workers;
  char         *directory;
  char         *host_name;

  PhTlsServer *tls;
  GBytes      *authority;
  char        *attention;
  GPtrArray   *monitors; /* of GFileMonitor, for the user's own files */
  guint        timer;
};

G_DEFINE_FINAL_TYPE (PhCertificates, ph_certificates, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ATTENTION,
};

static guint changed_signal;

static void
ph_certificates_get_property (GObject    *object,
                              guint       property_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  g_value_set_string (value, PH_CERTIFICATES (object)->attention);
}

static void
ph_certificates_dispose (GObject *object)
{
  PhCertificates *self = PH_CERTIFICATES (object);

  if (self->clock != NULL)
    ph_clock_cancel_timer (self->clock, &self->timer);
  g_ptr_array_set_size (self->monitors, 0);
  g_clear_object (&self->settings);
  g_clear_object (&self->clock);
  g_clear_object (&self->workers);
  g_clear_object (&self->tls);
  g_clear_pointer (&self->authority, g_bytes_unref);

  G_OBJECT_CLASS (ph_certificates_parent_class)->dispose (object);
}

static void
ph_certificates_finalize (GObject *object)
{
  PhCertificates *self = PH_CERTIFICATES (object);

  g_ptr_array_unref (self->monitors);
  g_free (self->directory);
  g_free (self->host_name);
  g_free (self->attention);

  G_OBJECT_CLASS (ph_certificates_parent_class)->finalize (object);
}

static void
ph_certificates_class_init (PhCertificatesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_certificates_get_property;
  object_class->dispose = ph_certificates_dispose;
  object_class->finalize = ph_certificates_finalize;
  g_object_class_install_property (object_class, PROP_ATTENTION,
                                   g_param_spec_string ("attention", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  changed_signal = g_signal_new ("changed", PH_TYPE_CERTIFICATES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
monitor_free (gpointer data)
{
  g_file_monitor_cancel (data);
  g_object_unref (data);
}

static void
ph_certificates_init (PhCertificates *self)
{
  self->monitors = g_ptr_array_new_with_free_func (monitor_free);
}

/* Reading, on a worker */

typedef struct
{
  GPtrArray *files; /* of PhCertificateFiles: the user's own */
  char      *directory;
  GStrv      names;
  gint64     now;
  gboolean   makes_own; /* whether one of the local authority comes first */

  PhTlsServer *tls;
  GBytes      *authority;
  char        *fault;
  gboolean     is_out_of_date;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_ptr_array_unref (job->files);
  g_free (job->directory);
  g_strfreev (job->names);
  g_clear_object (&job->tls);
  g_clear_pointer (&job->authority, g_bytes_unref);
  g_free (job->fault);
  g_free (job);
}

static gboolean
prepare_own (Job     *job,
             GError **error)
{
  if (!job->makes_own)
    return TRUE;

  if (g_mkdir_with_parents (job->directory, 0700) != 0)
    {
      /* Translators: the path of a folder */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("%s can’t be made"), job->directory);
      return FALSE;
    }
  if (!ph_tls_authority_ensure (job->directory, (const char *const *)job->names, job->now, error))
    return FALSE;
  job->authority = ph_tls_authority_load (job->directory);

  return TRUE;
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Job                    *job = data;
  g_autofree char        *certificate = g_build_filename (job->directory, PH_TLS_SERVER_CERTIFICATE, NULL);
  g_autofree char        *key = g_build_filename (job->directory, PH_TLS_SERVER_KEY, NULL);
  g_autofree PhTlsSource *sources = g_new0 (PhTlsSource, job->files->len + 1);
  guint                   n = 0;
  GError                 *error = NULL;

  if (job->makes_own)
    sources[n++] = (PhTlsSource){ certificate, key, NULL };
  for (guint i = 0; i < job->files->len; i++)
    {
      PhCertificateFiles *files = job->files->pdata[i];

      sources[n++] = (PhTlsSource){ files->certificate, files->key, files->password };
    }

  if (prepare_own (job, &error))
    job->tls = ph_tls_server_new (sources, n, NULL, &error);
  if (job->tls != NULL)
    job->fault = ph_tls_server_find_fault (job->tls, job->names[0], job->now, &job->is_out_of_date);

  if (job->tls != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What came of it */

static void
set_attention (PhCertificates *self,
               char           *text) /* transfer full */
{
  if (g_strcmp0 (self->attention, text) == 0)
    {
      g_free (text);
      return;
    }

  g_free (self->attention);
  self->attention = text;
  g_object_notify (G_OBJECT (self), "attention");
}

static void
take_tls (PhCertificates *self,
          PhTlsServer    *tls)
{
  /* The same ones keep their tickets. */
  if (self->tls != NULL && g_str_equal (ph_tls_server_get_identity (self->tls), ph_tls_server_get_identity (tls)))
    return;

  g_set_object (&self->tls, tls);
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
is_good_now (PhCertificates *self)
{
  gboolean is_out_of_date;

  if (self->tls == NULL)
    return FALSE;
  g_free (ph_tls_server_find_fault (self->tls, NULL, ph_clock_get_real_time (self->clock), &is_out_of_date));

  return !is_out_of_date;
}

static char *
find_warning (PhCertificates *self,
              Job            *job)
{
  gint64 days = (ph_tls_server_get_expiry (job->tls) - job->now) / ((gint64)24 * 3600 * G_USEC_PER_SEC);

  if (job->fault == NULL && !job->makes_own && days < PH_CERTIFICATES_WARN_DAYS)
    /* Translators: a number of days; the certificate is one that the person brought */
    return g_strdup_printf (ngettext ("The certificate ends in %d day: put a new one in its place", "The certificate ends in %d days: put a new one in its place", (gulong)MAX (days, 0)), (int)days);

  return g_strdup (job->fault);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhCertificates *self = PH_CERTIFICATES (source);
  Job            *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    set_attention (self, g_strdup (error->message));
  else if (job->is_out_of_date && is_good_now (self))
    /* Translators: what is wrong with a new certificate, a sentence without its full stop */
    set_attention (self, g_strdup_printf (_ ("%s: the one before is used on"), job->fault));
  else
    {
      g_clear_pointer (&self->authority, g_bytes_unref);
      self->authority = g_steal_pointer (&job->authority);
      set_attention (self, find_warning (self, job));
      take_tls (self, job->tls);
    }

  if (task == NULL)
    return;
  if (self->tls != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static Job *
make_job (PhCertificates *self)
{
  Job        *job = g_new0 (Job, 1);
  const char *host_name = ph_settings_get_string (self->settings, "host-name");

  g_free (self->host_name);
  self->host_name = g_strdup (*host_name != '\0' ? host_name : g_get_host_name ());
  job->files = ph_settings_dup_certificates (self->settings);
  job->makes_own = *ph_settings_get_string (self->settings, "certificate-file") == '\0';
  job->directory = g_strdup (self->directory);
  job->names = ph_certificate_names_collect (self->settings, self->host_name);
  job->now = ph_clock_get_real_time (self->clock);

  return job;
}

static void
load (PhCertificates *self,
      GTask          *task) /* transfer full, NULL where nobody asked */
{
  g_autoptr (GTask) work = g_task_new (self, NULL, loaded_cb, task);

  g_task_set_task_data (work, make_job (self), job_free);
  ph_worker_pool_run (self->workers, work, load_in_thread);
}

/* Looking again */

static void set_timer (PhCertificates *self,
                       gint64          delay);

static void
timer_cb (gpointer data)
{
  PhCertificates *self = data;

  self->timer = 0;
  load (self, NULL);
  set_timer (self, PH_CERTIFICATES_INTERVAL);
}

static void
set_timer (PhCertificates *self,
           gint64          delay)
{
  ph_clock_cancel_timer (self->clock, &self->timer);
  self->timer = ph_clock_add_timer (self->clock, delay, timer_cb, self);
}

static void
file_changed_cb (PhCertificates *self)
{
  set_timer (self, PH_CERTIFICATES_SETTLE);
}

static void
watch_file (PhCertificates *self,
            const char     *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GFileMonitor *monitor = *path != '\0' ? g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL) : NULL;

  if (monitor == NULL)
    return;
  g_signal_connect_object (monitor, "changed", G_CALLBACK (file_changed_cb), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->monitors, monitor);
}

static void
watch_files (PhCertificates *self)
{
  g_autoptr (GPtrArray) files = ph_settings_dup_certificates (self->settings);

  g_ptr_array_set_size (self->monitors, 0);
  for (guint i = 0; i < files->len; i++)
    {
      PhCertificateFiles *one = files->pdata[i];

      watch_file (self, one->certificate);
      watch_file (self, one->key);
    }
}

static void
settings_notify_cb (PhCertificates *self,
                    GParamSpec     *pspec)
{
  static const char *const ours[] = { "certificate-file", "key-file", "certificate-password", "host-name", NULL };

  if (!g_strv_contains (ours, pspec->name))
    return;

  watch_files (self);
  /* Two of them are often set together. */
  if (self->tls != NULL)
    set_timer (self, 0);
}

PhCertificates *
ph_certificates_new (PhSettings   *settings,
                     const char   *directory,
                     PhClock      *clock,
                     PhWorkerPool *workers)
{
  PhCertificates *self = g_object_new (PH_TYPE_CERTIFICATES, NULL);

  self->settings = g_object_ref (settings);
  self->directory = g_strdup (directory);
  self->clock = g_object_ref (clock);
  self->workers = g_object_ref (workers);
  watch_files (self);
  set_timer (self, PH_CERTIFICATES_INTERVAL);
  g_signal_connect_object (settings, "notify", G_CALLBACK (settings_notify_cb), self, G_CONNECT_SWAPPED);

  return self;
}

void
ph_certificates_load_async (PhCertificates     *self,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_return_if_fail (PH_IS_CERTIFICATES (self));

  load (self, g_task_new (self, NULL, callback, user_data));
}

gboolean
ph_certificates_load_finish (PhCertificates *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (task, error);
  else if (job->is_out_of_date)
    g_task_return_new_error (task, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "%s", job->fault);
  else
    g_task_return_boolean (task, TRUE);
}

void
ph_certificates_check_async (PhCertificates     *self,
                             const PhTlsSource  *source,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  Job *job;
  g_autoptr (GTask) work = NULL;

  g_return_if_fail (PH_IS_CERTIFICATES (self));

  job = make_job (self);
  g_ptr_array_set_size (job->files, 0);
  g_ptr_array_add (job->files, ph_certificate_files_new (source->certificate_file, source->key_file, source->password));
  job->makes_own = FALSE;
  work = g_task_new (self, NULL, checked_cb, g_task_new (self, NULL, callback, user_data));
  g_task_set_task_data (work, job, job_free);
  ph_worker_pool_run (self->workers, work, load_in_thread);
}

gboolean
ph_certificates_check_finish (PhCertificates *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

PhTlsServer *
ph_certificates_get_tls (PhCertificates *self)
{
  return self->tls;
}

GBytes *
ph_certificates_get_authority (PhCertificates *self)
{
  return self->authority;
}

const char *
ph_certificates_get_attention (PhCertificates *self)
{
  return self->attention;
}

const char *
ph_certificates_get_host_name (PhCertificates *self)
{
  return self->host_name;
}
