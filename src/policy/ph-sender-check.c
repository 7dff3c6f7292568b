#include "ph-sender-check.h"

#include "ph-dkim-verifier.h"
#include "ph-dns-inquiry.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 * 1024)

struct _PhSenderCheck
{
  GObject parent_instance;

  PhClock          *clock;
  PhWorkerPool     *workers;
  PhJournalSession *journal;
  char             *receiver;
  PhSenderVerdict   verdict;
  GPtrArray        *unsigned_mail; /* an empty list of signatures */
  PhDnsInquiry     *inquiry;
  PhDnsFacts       *facts; /* the inquiry's */

  gboolean spf_known;
  gboolean iprev_known;
  gboolean mx_known;
  gboolean dkim_known;
  gboolean dmarc_known;

  GTask          *task;     /* once it is to be judged */
  GStrv           authors;  /* of From */
  PhDkimVerifier *verifier; /* once the body is hashed */
  guint           timer;
  guint           sample;
};

G_DEFINE_FINAL_TYPE (PhSenderCheck, ph_sender_check, G_TYPE_OBJECT)

static void
ph_sender_check_finalize (GObject *object)
{
  PhSenderCheck *self = PH_SENDER_CHECK (object);

  ph_clock_cancel_timer (self->clock, &self->timer);
  ph_sender_verdict_clear (&self->verdict);
  g_clear_pointer (&self->verifier, ph_dkim_verifier_free);
  g_clear_pointer (&self->inquiry, ph_dns_inquiry_free);
  g_ptr_array_unref (self->unsigned_mail);
  g_clear_object (&self->clock);
  g_clear_object (&self->workers);
  g_clear_object (&self->journal);
  g_strfreev (self->authors);
  g_free (self->receiver);

  G_OBJECT_CLASS (ph_sender_check_parent_class)->finalize (object);
}

static void
ph_sender_check_class_init (PhSenderCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_sender_check_finalize;
}

static void
ph_sender_check_init (PhSenderCheck *self)
{
  self->unsigned_mail = g_ptr_array_new ();
  self->verdict.signatures = self->unsigned_mail;
  self->sample = (guint)g_random_int_range (0, 100);
}

/* Checks: each is done again until it has what it needs */

static void
check_spf (PhSenderCheck *self)
{
  PhSpfQuery query = {
    .address = self->verdict.client.text,
    .sender = self->verdict.sender,
    .helo = self->verdict.helo,
    .receiver = self->receiver,
    .now = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC,
  };

  if (!self->spf_known)
    self->spf_known = ph_spf_check (&query, self->facts, &self->verdict.spf);
}

static void
check_iprev (PhSenderCheck *self)
{
  const char *name;

  if (self->iprev_known || !self->verdict.has_iprev)
    {
      self->iprev_known = TRUE;
      return;
    }
  self->iprev_known = ph_iprev_check (&self->verdict.client, self->facts, &self->verdict.iprev, &name);
  if (self->iprev_known)
    self->verdict.name = g_strdup (name);
}

static void
check_mx (PhSenderCheck *self)
{
  const char        *at = strrchr (self->verdict.sender, '@');
  const PhDnsAnswer *answer = NULL;
  PhDnsFact          fact = at != NULL && at[1] != '[' ? ph_dns_facts_look_up (self->facts, PH_DNS_MX, at + 1, &answer) : PH_DNS_FACT_NO_NAME;

  self->mx_known = fact != PH_DNS_FACT_WANTED;
  self->verdict.null_mx = answer != NULL && answer->records->len == 1 && *ph_dns_answer_get (answer, 0)->name == '\0';
}

static void
check_dmarc (PhSenderCheck *self)
{
  PhDmarcQuery query = { (const char *const *)self->authors, &self->verdict.spf, self->verdict.signatures, self->sample };
  g_auto (PhDmarcOutcome) early = { PH_DMARC_NONE };

  if (self->dmarc_known)
    return;
  if (self->spf_known && self->dkim_known)
    self->dmarc_known = ph_dmarc_check (&query, self->facts, &self->verdict.dmarc);
  else
    ph_dmarc_check (&query, self->facts, &early); /* so that the policy is asked for meanwhile */
}

static void
finish (PhSenderCheck *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  g_auto (GStrv) lines = ph_sender_verdict_describe (&self->verdict);
  guint n_ignored = ph_dkim_verifier_count_ignored (self->verifier);

  ph_clock_cancel_timer (self->clock, &self->timer);
  for (guint i = 0; lines[i] != NULL; i++)
    ph_journal_session_note (self->journal, "%s", lines[i]);
  if (n_ignored > 0)
    /* Translators: a number */
    ph_journal_session_note (self->journal, ngettext ("It has %u more signature, which is not looked at", "It has %u more signatures, which are not looked at", n_ignored), n_ignored);
  g_task_return_boolean (task, TRUE);
}

static void
advance (GObject *object)
{
  PhSenderCheck *self = PH_SENDER_CHECK (object);

  check_spf (self);
  check_iprev (self);
  check_mx (self);
  if (self->verifier != NULL && !self->dkim_known)
    self->dkim_known = ph_dkim_verifier_check (self->verifier, self->facts);
  if (self->verifier != NULL)
    check_dmarc (self);
  ph_dns_inquiry_ask (self->inquiry);

  if (self->task != NULL && self->spf_known && self->iprev_known && self->mx_known && self->dkim_known && self->dmarc_known)
    finish (self);
}

PhSenderCheck *
ph_sender_check_new (const PhSenderCheckConfig *config)
{
  PhClientAddress client;
  PhSenderCheck  *self;

  if (!ph_client_address_parse (&client, config->address))
    return NULL;

  self = g_object_new (PH_TYPE_SENDER_CHECK, NULL);
  self->inquiry = ph_dns_inquiry_new (config->resolver, config->journal, G_OBJECT (self), advance);
  self->facts = ph_dns_inquiry_get_facts (self->inquiry);
  self->clock = g_object_ref (config->clock);
  self->workers = g_object_ref (config->workers);
  g_set_object (&self->journal, config->journal);
  self->receiver = g_strdup (config->receiver);
  self->verdict.sender = g_strdup (config->sender);
  self->verdict.helo = g_strdup (config->helo);
  self->verdict.client = client;
  self->verdict.has_iprev = !ph_client_address_is_loopback (&client);
  advance (G_OBJECT (self));

  return self;
}

/* The message */

typedef struct
{
  GBytes         *header;
  int             fd;
  guint64         offset;
  gint64          now;
  GObject        *owner;
  GStrv           authors;
  PhDkimVerifier *verifier;
} Body;

static void
body_free (gpointer data)
{
  Body *body = data;

  g_bytes_unref (body->header);
  g_object_unref (body->owner);
  g_strfreev (body->authors);
  g_clear_pointer (&body->verifier, ph_dkim_verifier_free);
  g_free (body);
}

/* On a worker. */
static void
hash_body (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  Body              *body = task_data;
  g_autofree guint8 *piece = g_malloc (PIECE);
  gsize              length;
  const guint8      *data = g_bytes_get_data (body->header, &length);
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  gssize n;

  body->authors = ph_dmarc_dup_authors (header);
  body->verifier = ph_dkim_verifier_new (body->header, body->now);
  while (ph_dkim_verifier_wants_body (body->verifier) && (n = pread (body->fd, piece, PIECE, (off_t)body->offset)) > 0)
    {
      ph_dkim_verifier_feed (body->verifier, piece, (gsize)n);
      body->offset += (guint64)n;
    }
  ph_dkim_verifier_end (body->verifier);
  g_task_return_boolean (task, TRUE);
}

static void
hashed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhSenderCheck *self = PH_SENDER_CHECK (source);
  Body          *body = g_task_get_task_data (G_TASK (result));

  self->authors = g_steal_pointer (&body->authors);
  self->verifier = g_steal_pointer (&body->verifier);
  self->verdict.signatures = ph_dkim_verifier_get_signatures (self->verifier);
  advance (G_OBJECT (self));
}

/* The time is over. */
static void
timer_cb (gpointer user_data)
{
  g_autoptr (PhSenderCheck) self = g_object_ref (user_data);

  self->timer = 0;
  /* Translators: 20 or so */
  ph_journal_session_note (self->journal, N_ ("DNS did not answer within %d seconds of the message’s end"), PH_SENDER_CHECK_SECONDS);
  ph_dns_inquiry_close (self->inquiry);
  advance (G_OBJECT (self));
}

void
ph_sender_check_judge_async (PhSenderCheck      *self,
                             GBytes             *header,
                             int                 fd,
                             guint64             body_offset,
                             GObject            *owner,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) hashing = NULL;
  Body *body = g_new0 (Body, 1);

  g_return_if_fail (PH_IS_SENDER_CHECK (self) && self->task == NULL);

  self->task = g_task_new (self, NULL, callback, user_data);
  self->timer = ph_clock_add_timer (self->clock, PH_SENDER_CHECK_SECONDS * G_USEC_PER_SEC, timer_cb, self);

  body->header = g_bytes_ref (header);
  body->fd = fd;
  body->offset = body_offset;
  body->owner = g_object_ref (owner);
  body->now = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC;
  hashing = g_task_new (self, NULL, hashed_cb, NULL);
  g_task_set_task_data (hashing, body, body_free);
  ph_worker_pool_run (self->workers, hashing, hash_body);
}

const PhSenderVerdict *
ph_sender_check_judge_finish (PhSenderCheck *self,
                              GAsyncResult  *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return &self->verdict;
}

void
ph_sender_check_cancel (PhSenderCheck *self)
{
  g_return_if_fail (PH_IS_SENDER_CHECK (self));

  ph_dns_inquiry_close (self->inquiry);
}
