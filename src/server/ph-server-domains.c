/* What a domain of this server publishes in DNS. */

#include "ph-address.h"
#include "ph-dns-inquiry.h"
#include "ph-domain-records.h"
#include "ph-server-error.h"
#include "ph-server-private.h"
#include "ph-settings-dkim.h"

#include <glib/gi18n-lib.h>

/* What DNS does not say within this time is not known. */
#define CHECK_SECONDS 20

typedef struct
{
  char         *domain;
  char         *host;
  char         *smarthost; /* or NULL */
  GStrv         dkim;
  PhDkimSigner *signer; /* NULL where mail of the domain is not signed */
  PhClock      *clock;
  PhDnsInquiry *inquiry;
  guint         timer;
} DomainCheck;

static void
domain_check_free (gpointer data)
{
  DomainCheck *check = data;

  ph_clock_cancel_timer (check->clock, &check->timer);
  g_clear_pointer (&check->inquiry, ph_dns_inquiry_free);
  g_clear_object (&check->signer);
  g_object_unref (check->clock);
  g_strfreev (check->dkim);
  g_free (check->domain);
  g_free (check->host);
  g_free (check->smarthost);
  g_free (check);
}

/* The inquiry's owner is the task. */
static void
advance (GObject *object)
{
  g_autoptr (GTask) task = g_object_ref (G_TASK (object));
  DomainCheck  *check = g_task_get_task_data (task);
  PhDomainQuery query = { check->domain, check->host, check->smarthost, check->dkim };
  GPtrArray    *records;

  if (g_task_get_completed (task))
    return;
  if (!ph_domain_records_check (&query, ph_dns_inquiry_get_facts (check->inquiry), &records))
    {
      ph_dns_inquiry_ask (check->inquiry);
      return;
    }

  ph_clock_cancel_timer (check->clock, &check->timer);
  g_task_return_pointer (task, records, (GDestroyNotify)g_ptr_array_unref);
}

static void
timer_cb (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  DomainCheck *check = g_task_get_task_data (task);

  check->timer = 0;
  ph_dns_inquiry_close (check->inquiry);
  advance (G_OBJECT (task));
}

static void
keys_opened_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  PhServer *self = PH_SERVER (source);
  g_autoptr (GTask) task = user_data;
  DomainCheck     *check = g_task_get_task_data (task);
  GError          *error = NULL;
  g_autofree char *lines = g_task_propagate_pointer (G_TASK (result), &error);

  if (lines == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  check->dkim = g_strsplit (lines, "\n", -1);
  if (g_strv_length (check->dkim) > 0)
    g_clear_pointer (&check->dkim[g_strv_length (check->dkim) - 1], g_free); /* after the last line end */
  check->inquiry = ph_dns_inquiry_new (self->resolver, NULL, G_OBJECT (task), advance);
  check->timer = ph_clock_add_timer (check->clock, CHECK_SECONDS * G_USEC_PER_SEC, timer_cb, task);
  advance (G_OBJECT (task));
}

/* On a worker. */
static void
open_keys (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  DomainCheck *check = g_task_get_task_data (G_TASK (task_data));
  GError      *error = NULL;
  char        *lines = check->signer != NULL ? ph_dkim_signer_format_records (check->signer, check->domain, &error) : g_strdup ("");

  if (lines != NULL)
    g_task_return_pointer (task, lines, g_free);
  else
    g_task_return_error (task, error);
}

/* Whether mail of the domain is signed. */
static gboolean
is_signed (PhServer   *self,
           const char *domain)
{
  g_auto (GStrv) words = g_strsplit_set (ph_settings_get_string (self->settings, "dkim-domains"), "; ,", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *own = ph_address_normalize_domain (words[i]);

      if (g_strcmp0 (own, domain) == 0)
        return TRUE;
    }

  return FALSE;
}

void
ph_server_check_domain_async (PhServer           *self,
                              const char         *domain,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) opening = NULL;
  g_autofree char *canonical = ph_address_normalize_domain (domain);
  const char      *smarthost = ph_settings_get_string (self->settings, "smarthost");
  DomainCheck     *check;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  if (canonical == NULL || !ph_accounts_is_local_domain (self->accounts, canonical))
    {
      /* Translators: a domain */
      g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, _ ("“%s” is no domain of this server"), domain);
      return;
    }

  check = g_new0 (DomainCheck, 1);
  check->signer = is_signed (self, canonical) ? ph_server_make_signer (self->settings, self->data_dir) : NULL;
  check->domain = g_steal_pointer (&canonical);
  check->host = g_strdup (self->host_name);
  check->smarthost = *smarthost != '\0' ? g_strdup (smarthost) : NULL;
  check->clock = g_object_ref (self->clock);
  g_task_set_task_data (task, check, domain_check_free);

  opening = g_task_new (self, NULL, keys_opened_cb, g_object_ref (task));
  g_task_set_task_data (opening, g_steal_pointer (&task), g_object_unref);
  ph_worker_pool_run (self->workers, opening, open_keys);
}

GPtrArray *
ph_server_check_domain_finish (PhServer     *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
