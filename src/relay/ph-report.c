#include "ph-report.h"

#include "ph-dsn.h"
#include "ph-header.h"
#include "ph-reply-header.h"

#include <string.h>

static const struct
{
  PhDsnAction action;
  PhDsnNotify notify;
  gboolean    by_default; /* where the sender did not say (RFC 3461 section 4.1) */
} reports[] = {
  [PH_QUEUE_REPORT_FAILED] = { PH_DSN_FAILED, PH_DSN_NOTIFY_FAILURE, TRUE },
  [PH_QUEUE_REPORT_DELAYED] = { PH_DSN_DELAYED, PH_DSN_NOTIFY_DELAY, TRUE },
  [PH_QUEUE_REPORT_DELIVERED] = { PH_DSN_DELIVERED, PH_DSN_NOTIFY_SUCCESS, FALSE },
  [PH_QUEUE_REPORT_RELAYED] = { PH_DSN_RELAYED, PH_DSN_NOTIFY_SUCCESS, FALSE },
};

gboolean
ph_report_is_wanted (PhDsnNotify   notify,
                     PhQueueReport report)
{
  return notify == PH_DSN_NOTIFY_DEFAULT ? reports[report].by_default : (notify & reports[report].notify) != 0;
}

gboolean
ph_report_is_due (const PhQueueEntry *entry)
{
  for (guint i = 0; i < entry->addressees->len; i++)
    if (((PhQueueAddressee *)entry->addressees->pdata[i])->report != PH_QUEUE_REPORT_NONE)
      return TRUE;

  return FALSE;
}

void
ph_report_clear (PhQueueEntry *entry)
{
  for (guint i = 0; i < entry->addressees->len; i++)
    ((PhQueueAddressee *)entry->addressees->pdata[i])->report = PH_QUEUE_REPORT_NONE;
}

/* Failures first: the subject of a report is about its first recipient. */
static void
collect (const PhQueueEntry *entry,
         PhQueueReport       report,
         gint64              end,
         GArray             *recipients)
{
  for (guint i = 0; i < entry->addressees->len; i++)
    {
      const PhQueueAddressee *addressee = entry->addressees->pdata[i];
      PhDsnRecipient          recipient = {
                 .action = reports[report].action,
                 .final_recipient = addressee->address,
                 .original_recipient = addressee->orcpt,
                 .status = addressee->status,
                 .remote_mta = addressee->host,
                 .diagnostic = addressee->last_reply,
                 .last_attempt = addressee->last_try / G_USEC_PER_SEC,
                 .will_retry_until = end / G_USEC_PER_SEC,
      };

      if (addressee->report == report)
        g_array_append_val (recipients, recipient);
    }
}

/* Many recipients have short diagnostics; `cut` holds what was cut. */
static void
bound_diagnostics (GArray    *recipients,
                   GPtrArray *cut)
{
  gsize share = PH_REPORT_DIAGNOSTICS_MAX / MAX (recipients->len, 1);

  for (guint i = 0; i < recipients->len; i++)
    {
      PhDsnRecipient *recipient = &g_array_index (recipients, PhDsnRecipient, i);

      if (recipient->diagnostic == NULL || strlen (recipient->diagnostic) <= share)
        continue;
      g_ptr_array_add (cut, g_strndup (recipient->diagnostic, share));
      recipient->diagnostic = cut->pdata[cut->len - 1];
    }
}

/* Mailing lists and machines are not told of delays: there is nobody who could wait for it. */
static gboolean
is_bulk (const GByteArray *start)
{
  g_autoptr (PhHeader) header = ph_header_parse (start->data, start->len);

  return ph_reply_header_find_automatic (header) != NULL;
}

/* The whole message comes back only with a failure, where it is small, and unless the sender wants
 * headers alone, or TLS all the way, which is not certain on the way back (RFC 8689 section 5). */
static gboolean
is_whole_wanted (const PhQueueEntry *entry,
                 const GArray       *recipients)
{
  if (entry->requiretls)
    return FALSE;

  return entry->ret == PH_DSN_RET_FULL || (entry->ret == PH_DSN_RET_DEFAULT && g_array_index (recipients, PhDsnRecipient, 0).action == PH_DSN_FAILED);
}

GBytes *
ph_report_format (const PhQueueEntry *entry,
                  PhQueueMessage     *message,
                  const char         *host_name,
                  gint64              now,
                  gint64              end)
{
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (PhDsnRecipient));
  g_autoptr (GPtrArray) cut = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GByteArray) start = ph_queue_message_read_start (message, PH_HEADER_SIZE_MAX);
  g_auto (PhBuffer) out = { 0 };

  if (start == NULL)
    return NULL;

  for (guint report = PH_QUEUE_REPORT_FAILED; report < G_N_ELEMENTS (reports); report++)
    if (report != PH_QUEUE_REPORT_DELAYED || !is_bulk (start))
      collect (entry, (PhQueueReport)report, end, recipients);
  if (recipients->len == 0)
    return g_bytes_new (NULL, 0);

  bound_diagnostics (recipients, cut);

  ph_dsn_format (&(PhDsn){
                   .reporting_mta = host_name,
                   .sender = entry->sender,
                   .envelope_id = entry->envid,
                   .arrival_time = entry->arrived / G_USEC_PER_SEC,
                   .hold = entry->hold,
                   .now = now / G_USEC_PER_SEC,
                   .recipients = (const PhDsnRecipient *)(gconstpointer)recipients->data,
                   .n_recipients = recipients->len,
                   .message = start->data,
                   .message_length = start->len,
                   .whole = is_whole_wanted (entry, recipients),
                 },
                 &out);

  return g_bytes_new (ph_buffer_get_data (&out), ph_buffer_get_length (&out));
}
