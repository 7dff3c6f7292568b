#include "ph-responder.h"

#include "ph-reply-format.h"
#include "ph-reply-header.h"
#include "ph-reply-memory.h"
#include "ph-worker-pool.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

struct _PhResponder
{
  GObject parent_instance;

  PhAccounts     *accounts;
  PhClock        *clock;
  PhWorkerPool   *workers; /* NULL before the first message */
  PhRelayHandler *handler; /* weak */
  char           *folder;
  char           *host_name;
  guint           n_pending; /* messages that are considered */
};

G_DEFINE_FINAL_TYPE (PhResponder, ph_responder, G_TYPE_OBJECT)

/* One message, until all is decided; counted by those who still decide. */
typedef struct
{
  PhResponder      *responder;
  GStrv             accounts; /* whose owners are away */
  char             *sender;
  PhSpool          *spool;
  PhJournalSession *journal;  /* or NULL */
  PhReplyHeader    *header;   /* once it is read */
  GPtrArray        *meanings; /* of GStrv or NULL, for each recipient in it: whose mailboxes here that is */
} Matter;

/* One account's reply to it, on its way; counted, too. */
typedef struct
{
  Matter           *matter;
  char             *account;
  char             *from;
  char             *folder;
  PhAutomaticReply *reply;
  gint64            now; /* seconds */
} Answer;

static void
matter_clear (gpointer data)
{
  Matter *matter = data;

  matter->responder->n_pending--;
  g_strfreev (matter->accounts);
  g_free (matter->sender);
  g_object_unref (matter->spool);
  g_clear_object (&matter->journal);
  g_clear_pointer (&matter->header, ph_reply_header_free);
  g_clear_pointer (&matter->meanings, g_ptr_array_unref);
  g_object_unref (matter->responder);
}

static void
matter_unref (gpointer data)
{
  g_rc_box_release_full (data, matter_clear);
}

static void
answer_clear (gpointer data)
{
  Answer *answer = data;

  matter_unref (answer->matter);
  g_free (answer->account);
  g_free (answer->from);
  g_free (answer->folder);
  ph_automatic_reply_free (answer->reply);
}

static void
answer_unref (gpointer data)
{
  g_rc_box_release_full (data, answer_clear);
}

static void
ph_responder_dispose (GObject *object)
{
  PhResponder *self = PH_RESPONDER (object);

  g_clear_weak_pointer (&self->handler);
  g_clear_object (&self->workers);
  g_clear_object (&self->accounts);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_responder_parent_class)->dispose (object);
}

static void
ph_responder_finalize (GObject *object)
{
  g_free (PH_RESPONDER (object)->folder);
  g_free (PH_RESPONDER (object)->host_name);

  G_OBJECT_CLASS (ph_responder_parent_class)->finalize (object);
}

static void
ph_responder_class_init (PhResponderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_responder_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_responder_finalize;
}

static void
ph_responder_init (PhResponder *self)
{
}

PhResponder *
ph_responder_new (PhAccounts *accounts,
                  PhClock    *clock,
                  const char *folder)
{
  PhResponder *self = g_object_new (PH_TYPE_RESPONDER, NULL);

  self->accounts = g_object_ref (accounts);
  self->clock = g_object_ref (clock);
  self->folder = g_strdup (folder);
  self->host_name = g_strdup ("localhost");

  return self;
}

void
ph_responder_set_handler (PhResponder    *self,
                          PhRelayHandler *handler)
{
  g_return_if_fail (PH_IS_RESPONDER (self));

  g_set_weak_pointer (&self->handler, handler);
}

void
ph_responder_set_host_name (PhResponder *self,
                            const char  *host_name)
{
  g_return_if_fail (PH_IS_RESPONDER (self));

  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
}

/* Sending */

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr (GError) error = NULL;

  if (PH_RELAY_HANDLER_GET_IFACE (source)->submit_finish (PH_RELAY_HANDLER (source), result, &error))
    /* Translators: who has written, and whose account answers */
    ph_journal_session_note (answer->matter->journal, N_ ("Answered %s automatically for %s"), answer->matter->sender, answer->account);
  else
    /* Translators: an account, and why */
    ph_journal_session_note (answer->matter->journal, N_ ("The automatic reply of %s was not sent: %s"), answer->account, error->message);
  answer_unref (answer);
}

static void
send_reply (PhResponder *self,
            Answer      *answer)
{
  const PhReplyHeader *header = answer->matter->header;
  PhAccount           *account = ph_accounts_find (self->accounts, answer->account);
  g_auto (PhBuffer) out = { 0 };
  g_autoptr (GBytes) message = NULL;
  PhReply reply = {
    .name = account != NULL ? ph_account_get_display_name (account) : NULL,
    .from = answer->from,
    .to = answer->matter->sender,
    .subject = answer->reply->subject,
    .text = answer->reply->text,
    .answered_subject = header->subject,
    .answered_id = header->message_id,
    .references = header->references,
    .host = self->host_name,
    .time = answer->now,
  };

  ph_reply_format (&reply, &out);
  message = g_bytes_new (ph_buffer_get_data (&out), ph_buffer_get_length (&out));
  PH_RELAY_HANDLER_GET_IFACE (self->handler)->submit_async (self->handler, "", answer->matter->sender, message, TRUE, NULL, submitted_cb, g_rc_box_acquire (answer));
}

/* Remembering it first: so a crash costs a reply, and never makes a second one. */

static void
remember_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  Answer          *answer = data;
  g_autofree char *said = g_strconcat (answer->reply->subject, "\n", answer->reply->text, NULL);

  g_task_return_pointer (task, (gpointer)ph_reply_memory_take (answer->folder, answer->account, answer->matter->sender, said, answer->reply->days, answer->now), NULL);
}

static void
remembered_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Answer      *answer = g_task_get_task_data (G_TASK (result));
  PhResponder *self = answer->matter->responder;
  const char  *problem = g_task_propagate_pointer (G_TASK (result), NULL);

  if (problem != NULL)
    /* Translators: an account, and why, such as “it came by a mailing list (List-…)” */
    ph_journal_session_note (answer->matter->journal, N_ ("No automatic reply of %s: %s"), answer->account, _ (problem));
  else if (self->handler != NULL)
    send_reply (self, answer);
}

/* One worker, so that what is remembered has its order. */
static void
run (PhResponder    *self,
     GTask          *task,
     GTaskThreadFunc func)
{
  if (self->workers == NULL)
    self->workers = ph_worker_pool_new ("replies", 1);
  ph_worker_pool_run (self->workers, task, func);
}

static void
remember (PhResponder *self,
          Answer      *answer) /* taken */
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, remembered_cb, NULL);

  g_task_set_task_data (task, answer, answer_unref);
  run (self, task, remember_thread);
}

/* Deciding */

/* The mailboxes and others that mail to it goes to; NULL where nobody here has it. */
static GStrv
dup_meaning (PhResponder *self,
             const char  *address)
{
  GStrv targets = NULL;

  if (ph_accounts_resolve (self->accounts, address, &targets) != PH_RECIPIENT_LOCAL)
    g_clear_pointer (&targets, g_strfreev);

  return targets;
}

/* Mail to both goes the same ways: then they are addresses of the same people (RFC 3834 section 2).  So a tag, an alias
 * of one person and a catch-all are theirs; an address that several share is not. */
static gboolean
is_same_meaning (char **one,
                 char **other)
{
  if (one == NULL || other == NULL || g_strv_length (one) != g_strv_length (other))
    return FALSE;

  for (; *one != NULL; one++)
    if (!g_strv_contains ((const char *const *)other, *one))
      return FALSE;

  return TRUE;
}

/* Which of the account's addresses it was sent to, borrowed; NULL where it came in another way. */
static const char *
find_address (Matter *matter,
              char  **account)
{
  for (guint i = 0; i < matter->meanings->len; i++)
    if (is_same_meaning (matter->meanings->pdata[i], account))
      return matter->header->recipients->pdata[i];

  return NULL;
}

static const PhAutomaticReply *
get_due_reply (PhResponder *self,
               PhAccount   *account)
{
  const PhAutomaticReply *reply = account != NULL ? ph_account_get_automatic_reply (account) : NULL;

  return reply != NULL && ph_automatic_reply_is_due (reply, ph_clock_get_real_time (self->clock)) ? reply : NULL;
}

static void
decide (PhResponder *self,
        Matter      *matter,
        const char  *address)
{
  const PhAutomaticReply *reply = get_due_reply (self, ph_accounts_find (self->accounts, address));
  g_auto (GStrv) meaning = dup_meaning (self, address);
  g_auto (GStrv) sender = dup_meaning (self, matter->sender);
  const char *from = find_address (matter, meaning);
  const char *problem = matter->header->problem;
  Answer     *answer;

  if (problem == NULL && is_same_meaning (sender, meaning))
    problem = N_ ("it is from the same person");
  if (problem == NULL && from == NULL)
    problem = N_ ("it names none of their addresses");
  if (problem != NULL)
    /* Translators: an account, and why, such as “it came by a mailing list (List-…)” */
    ph_journal_session_note (matter->journal, N_ ("No automatic reply of %s: %s"), address, _ (problem));
  if (problem != NULL || reply == NULL)
    return;

  answer = g_rc_box_new0 (Answer);
  answer->matter = g_rc_box_acquire (matter);
  answer->account = g_strdup (address);
  answer->from = g_strdup (from);
  answer->folder = g_strdup (self->folder);
  answer->reply = ph_automatic_reply_copy (reply);
  answer->now = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC;
  remember (self, answer);
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  Matter            *matter = data;
  g_autofree guint8 *bytes = g_malloc (PH_HEADER_SIZE_MAX);
  gsize              length = 0;
  gssize             n;

  while (length < PH_HEADER_SIZE_MAX && (n = pread (ph_spool_get_fd (matter->spool), bytes + length, PH_HEADER_SIZE_MAX - length, (off_t)length)) > 0)
    length += (gsize)n;
  g_task_return_pointer (task, ph_reply_header_parse (bytes, length), (GDestroyNotify)ph_reply_header_free);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Matter *matter = g_task_get_task_data (G_TASK (result));

  matter->header = g_task_propagate_pointer (G_TASK (result), NULL);
  matter->meanings = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  for (guint i = 0; i < matter->header->recipients->len; i++)
    g_ptr_array_add (matter->meanings, dup_meaning (matter->responder, matter->header->recipients->pdata[i]));
  for (guint i = 0; matter->accounts[i] != NULL; i++)
    decide (matter->responder, matter, matter->accounts[i]);
}

/* Who has the message and is away. */
static GStrv
dup_absent (PhResponder    *self,
            PhDeliveryPlan *plan)
{
  const GPtrArray *mailboxes = ph_delivery_plan_get_mailboxes (plan);
  g_autoptr (GStrvBuilder) absent = g_strv_builder_new ();

  for (guint i = 0; i < mailboxes->len; i++)
    if (get_due_reply (self, ph_accounts_find (self->accounts, mailboxes->pdata[i])) != NULL)
      g_strv_builder_add (absent, mailboxes->pdata[i]);

  return g_strv_builder_end (absent);
}

/* What is known without the message. */
static const char *
find_problem (PhResponder    *self,
              PhDeliveryPlan *plan)
{
  const char *problem = ph_reply_header_find_sender_problem (ph_delivery_plan_get_sender (plan));

  if (problem == NULL && ph_spool_get_place (ph_delivery_plan_get_spool (plan)) == PH_SPECIAL_JUNK)
    problem = N_ ("it is in Junk");
  if (problem == NULL && self->n_pending >= PH_RESPONDER_PENDING_MAX)
    problem = N_ ("too many messages come at once");

  return problem;
}

void
ph_responder_consider (PhResponder    *self,
                       PhDeliveryPlan *plan)
{
  g_auto (GStrv) absent = NULL;
  g_autoptr (GTask) task = NULL;
  const char *problem;
  Matter     *matter;

  g_return_if_fail (PH_IS_RESPONDER (self));

  absent = dup_absent (self, plan);
  if (*absent == NULL)
    return;

  problem = find_problem (self, plan);
  if (problem != NULL)
    {
      /* Translators: an account, and why, such as “it came by a mailing list (List-…)” */
      ph_journal_session_note (ph_delivery_plan_get_journal (plan), N_ ("No automatic reply of %s: %s"), *absent, _ (problem));
      return;
    }

  matter = g_rc_box_new0 (Matter);
  matter->responder = g_object_ref (self);
  matter->accounts = g_steal_pointer (&absent);
  matter->sender = g_strdup (ph_delivery_plan_get_sender (plan));
  matter->spool = g_object_ref (ph_delivery_plan_get_spool (plan));
  g_set_object (&matter->journal, ph_delivery_plan_get_journal (plan));
  self->n_pending++;

  task = g_task_new (NULL, NULL, read_cb, NULL);
  g_task_set_task_data (task, matter, matter_unref);
  run (self, task, read_thread);
}

/* Forgetting */

static void
forget_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  const char *const *words = data;

  ph_reply_memory_forget (words[0], words[1]);
  g_task_return_boolean (task, TRUE);
}

void
ph_responder_forget (PhResponder *self,
                     const char  *account)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_return_if_fail (PH_IS_RESPONDER (self));

  g_task_set_task_data (task, g_strdupv ((char *[]){ self->folder, (char *)account, NULL }), (GDestroyNotify)g_strfreev);
  run (self, task, forget_thread);
}
