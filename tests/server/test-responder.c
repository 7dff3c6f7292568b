/* Whom an account answers while its owner is away: the memory of it, and the way from a delivery to a reply. */

#include "ph-header.h"
#include "ph-reply-memory.h"
#include "ph-responder.h"

#include "../support/remove-tree.h"

#include <string.h>

#define ALICE "alice@example.org"
#define BOB "bob@example.org"
#define ANN "ann@elsewhere.test"
#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define HOUR ((gint64)60 * 60)
#define DAY (24 * HOUR)

/* A way out that keeps what it is given. */
#define TYPE_WAY (way_get_type ())
G_DECLARE_FINAL_TYPE (Way, way, TEST, WAY, GObject)

struct _Way
{
  GObject    parent_instance;
  GPtrArray *recipients; /* of char * */
  GPtrArray *messages;   /* of GBytes */
};

static void
way_submit_async (PhRelayHandler     *handler,
                  const char         *sender,
                  const char         *recipient,
                  GBytes             *message,
                  gboolean            from_here,
                  GCancellable       *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer            user_data)
{
  Way *self = TEST_WAY (handler);
  g_autoptr (GTask) task = g_task_new (handler, cancellable, callback, user_data);

  g_assert_cmpstr (sender, ==, "");
  g_assert_true (from_here);
  g_ptr_array_add (self->recipients, g_strdup (recipient));
  g_ptr_array_add (self->messages, g_bytes_ref (message));
  g_task_return_boolean (task, TRUE);
}

static gboolean
way_submit_finish (PhRelayHandler *handler,
                   GAsyncResult   *result,
                   GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
way_init_handler (PhRelayHandlerInterface *iface)
{
  iface->submit_async = way_submit_async;
  iface->submit_finish = way_submit_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Way, way, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (PH_TYPE_RELAY_HANDLER, way_init_handler))

static void
way_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_WAY (object)->recipients);
  g_ptr_array_unref (TEST_WAY (object)->messages);

  G_OBJECT_CLASS (way_parent_class)->finalize (object);
}

static void
way_class_init (WayClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = way_finalize;
}

static void
way_init (Way *self)
{
  self->recipients = g_ptr_array_new_with_free_func (g_free);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
}

typedef struct
{
  char             *directory;
  char             *folder;
  PhClock          *clock;
  PhAccounts       *accounts;
  PhStore          *store;
  PhJournal        *journal;
  PhJournalSession *log;
  PhResponder      *responder;
  Way              *way;
} Fixture;

static void
set_reply (Fixture    *fixture,
           const char *address,
           gboolean    enabled)
{
  g_autoptr (PhAutomaticReply) reply = ph_automatic_reply_new ();

  reply->enabled = enabled;
  g_free (reply->text);
  reply->text = g_strdup ("I am away");
  g_object_set (ph_accounts_find (fixture->accounts, address), "automatic-reply", reply, NULL);
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhAccount) alice = ph_account_new (ALICE, NULL), bob = ph_account_new (BOB, NULL);

  fixture->directory = g_dir_make_tmp ("ph-responder-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->directory, "replies", NULL);
  fixture->clock = ph_clock_new_manual (START);
  fixture->accounts = ph_accounts_new ();
  g_assert_true (ph_accounts_add (fixture->accounts, alice, NULL));
  g_assert_true (ph_accounts_add (fixture->accounts, bob, NULL));
  g_object_set (alice, "display-name", "Alice Adams", NULL);
  ph_accounts_set_alias (fixture->accounts, "team@example.org", (const char *const[]){ ALICE, BOB, NULL });
  ph_accounts_set_alias (fixture->accounts, "sales@example.org", (const char *const[]){ ALICE, NULL });
  fixture->store = ph_store_new (fixture->directory, fixture->clock, NULL);
  fixture->journal = ph_journal_new (fixture->clock);
  fixture->log = ph_journal_begin (fixture->journal, "SMTP", FALSE, "192.0.2.1:1");
  fixture->way = g_object_new (TYPE_WAY, NULL);
  fixture->responder = ph_responder_new (fixture->accounts, fixture->clock, fixture->folder);
  ph_responder_set_handler (fixture->responder, PH_RELAY_HANDLER (fixture->way));
  set_reply (fixture, ALICE, TRUE);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  ph_journal_session_end (fixture->log, NULL);
  g_assert_finalize_object (fixture->responder);
  g_clear_object (&fixture->way);
  g_clear_object (&fixture->log);
  g_clear_object (&fixture->journal);
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->accounts);
  g_clear_object (&fixture->clock);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  remove_tree (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->folder);
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

/* Delivers a message with these fields from `sender` to the address, and lets the responder consider it; returns how
 * many replies there are then. */
static guint
deliver_to_place (Fixture     *fixture,
                  const char  *sender,
                  const char  *address,
                  const char  *fields,
                  PhSpecialUse place)
{
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new (sender);
  g_autoptr (PhDeliveryPlan) plan = ph_delivery_plan_new (fixture->accounts, fixture->store, NULL, envelope, fixture->log);
  g_autoptr (PhSpool) spool = ph_store_open_spool (fixture->store, NULL);
  g_autofree char *message = g_strconcat ("Return-Path: <", sender, ">\r\nFrom: ", ANN, "\r\nSubject: Lunch\r\nMessage-ID: <1@elsewhere.test>\r\n", fields, "\r\nHello\r\n", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GStrv) targets = NULL;

  g_assert_cmpint (ph_accounts_resolve (fixture->accounts, address, &targets), ==, PH_RECIPIENT_LOCAL);
  ph_delivery_plan_add (plan, ph_smtp_envelope_add (envelope, address), (const char *const *)targets);
  ph_spool_set_place (spool, place);
  g_assert_true (ph_spool_write (spool, message, strlen (message), NULL));
  ph_delivery_plan_carry_out_async (plan, spool, keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ph_delivery_plan_carry_out_finish (plan, result, NULL));
  ph_responder_consider (fixture->responder, plan);

  /* What is considered keeps the responder. */
  while (G_OBJECT (fixture->responder)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);

  return fixture->way->messages->len;
}

static guint
deliver (Fixture    *fixture,
         const char *sender,
         const char *address,
         const char *fields)
{
  return deliver_to_place (fixture, sender, address, fields, PH_SPECIAL_NONE);
}

static char *
dup_field (Fixture    *fixture,
           guint       position,
           const char *name)
{
  gsize         length;
  const guint8 *data = g_bytes_get_data (fixture->way->messages->pdata[position], &length);
  g_autoptr (PhHeader) header = ph_header_parse (data, length);

  return ph_header_dup_text (header, name);
}

#define TO_ALICE "To: " ALICE "\r\n"

/* Each rule that keeps it silent; and once it speaks, it does so once in seven days. */
static void
test_rules (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *from = NULL, *subject = NULL, *answers = NULL;

  g_assert_cmpuint (deliver (fixture, "", ALICE, TO_ALICE), ==, 0);                                            /* S10: the null sender */
  g_assert_cmpuint (deliver (fixture, "owner-list@elsewhere.test", ALICE, TO_ALICE), ==, 0);                   /* nobody reads there */
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE "List-Id: <x>\r\n"), ==, 0);                        /* a list */
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE "Auto-Submitted: auto-replied\r\n"), ==, 0);        /* a program */
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, "To: undisclosed-recipients:;\r\n"), ==, 0);                 /* not addressed to her */
  g_assert_cmpuint (deliver (fixture, ANN, "team@example.org", "To: team@example.org\r\n"), ==, 0);            /* an address of several */
  g_assert_cmpuint (deliver (fixture, ALICE, ALICE, TO_ALICE), ==, 0);                                         /* herself */
  g_assert_cmpuint (deliver (fixture, "sales@example.org", ALICE, TO_ALICE), ==, 0);                           /* under another name */
  g_assert_cmpuint (deliver (fixture, ANN, BOB, "To: " BOB "\r\n"), ==, 0);                                    /* Bob is here */
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE "Authentication-Results: x; spf=fail\r\n"), ==, 0); /* V26: forged */
  g_assert_cmpuint (deliver_to_place (fixture, ANN, ALICE, TO_ALICE, PH_SPECIAL_JUNK), ==, 0);

  g_assert_cmpuint (deliver (fixture, ANN, ALICE, "Cc: Alice <" ALICE ">\r\n"), ==, 1);
  g_assert_cmpstr (fixture->way->recipients->pdata[0], ==, ANN);
  from = dup_field (fixture, 0, "From");
  subject = dup_field (fixture, 0, "Subject");
  answers = dup_field (fixture, 0, "In-Reply-To");
  g_assert_cmpstr (from, ==, "Alice Adams <" ALICE ">");
  g_assert_cmpstr (subject, ==, "Auto: Lunch");
  g_assert_cmpstr (answers, ==, "<1@elsewhere.test>");

  g_assert_cmpuint (deliver (fixture, "ANN@elsewhere.test", ALICE, TO_ALICE), ==, 1);
  ph_clock_advance (fixture->clock, 7 * DAY * G_USEC_PER_SEC - 1);
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE), ==, 1);
  ph_clock_advance (fixture->clock, 2);
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE), ==, 2);

  set_reply (fixture, ALICE, FALSE);
  g_assert_cmpuint (deliver (fixture, "other@elsewhere.test", ALICE, TO_ALICE), ==, 2);
}

/* Addresses that are hers: a tag, an alias; it speaks from the one that was written to. */
static void
test_addresses (Fixture      *fixture,
                gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL;

  g_assert_cmpuint (deliver (fixture, ANN, "alice+shop@example.org", "To: alice+shop@example.org\r\n"), ==, 1);
  g_assert_cmpuint (deliver (fixture, "bert@elsewhere.test", "sales@example.org", "To: Sales <sales@example.org>\r\n"), ==, 2);
  first = dup_field (fixture, 0, "From");
  second = dup_field (fixture, 1, "From");
  g_assert_cmpstr (first, ==, "Alice Adams <alice+shop@example.org>");
  g_assert_cmpstr (second, ==, "Alice Adams <sales@example.org>");

  /* Two who are away answer each for themselves. */
  set_reply (fixture, BOB, TRUE);
  g_assert_cmpuint (deliver (fixture, "cora@elsewhere.test", "team@example.org", TO_ALICE "Cc: " BOB "\r\n"), ==, 4);
}

/* V30: two who are both away, and write to each other. */
static void
test_both_away (Fixture      *fixture,
                gconstpointer data)
{
  gsize            length;
  const guint8    *reply;
  g_autofree char *header = NULL;

  set_reply (fixture, BOB, TRUE);
  g_assert_cmpuint (deliver (fixture, BOB, ALICE, TO_ALICE), ==, 1);
  g_assert_cmpstr (fixture->way->recipients->pdata[0], ==, BOB);

  /* Even where its null sender was lost on the way. */
  reply = g_bytes_get_data (fixture->way->messages->pdata[0], &length);
  header = g_strndup ((const char *)reply, (gsize)(strstr ((const char *)reply, "MIME-Version") - (const char *)reply));
  g_assert_nonnull (strstr (header, "Auto-Submitted: auto-replied"));
  g_assert_cmpuint (deliver (fixture, ALICE, BOB, header), ==, 1);
}

/* What a crash leaves is a file: the next program knows as much. */
static void
test_memory (Fixture      *fixture,
             gconstpointer data)
{
  const gint64 now = START / G_USEC_PER_SEC;

  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now), ==, NULL);
  g_assert_nonnull (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now));
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, BOB, ANN, "text", 7, now), ==, NULL);
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "another text", 7, now), ==, NULL);
  g_assert_nonnull (ph_reply_memory_take (fixture->folder, ALICE, "Ann@elsewhere.test", "text", 1, now + DAY - 1));
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 1, now + DAY), ==, NULL);

  /* A clock that went back by a year forgets: better a second reply than none for ever. */
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now - 365 * DAY), ==, NULL);
}

/* Whoever has the address after its account is removed answers anew; the others' memory stays. */
static void
test_forgotten (Fixture      *fixture,
                gconstpointer data)
{
  ph_responder_forget (fixture->responder, BOB); /* who has none */
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE), ==, 1);
  ph_responder_forget (fixture->responder, BOB);
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE), ==, 1);
  ph_responder_forget (fixture->responder, ALICE);
  g_assert_cmpuint (deliver (fixture, ANN, ALICE, TO_ALICE), ==, 2);
}

static void
test_memory_limits (Fixture      *fixture,
                    gconstpointer data)
{
  const gint64 now = START / G_USEC_PER_SEC;
  gint64       time = now;
  guint        n = 0;

  for (guint i = 0; i < 3 * PH_REPLY_MEMORY_HOUR_MAX; i++)
    {
      g_autofree char *sender = g_strdup_printf ("%u@elsewhere.test", i);

      n += ph_reply_memory_take (fixture->folder, ALICE, sender, "text", 7, time) == NULL ? 1 : 0;
    }
  g_assert_cmpuint (n, ==, PH_REPLY_MEMORY_HOUR_MAX);

  for (guint i = 1000; n < PH_REPLY_MEMORY_MAX + 1 && i < 3000; i++)
    {
      g_autofree char *sender = g_strdup_printf ("%u@elsewhere.test", i);

      if (i % PH_REPLY_MEMORY_HOUR_MAX == 0)
        time += HOUR;
      if (ph_reply_memory_take (fixture->folder, ALICE, sender, "text", 7, time) == NULL)
        n++;
    }
  g_assert_cmpuint (n, ==, PH_REPLY_MEMORY_MAX);
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, "new@elsewhere.test", "text", 7, time + 31 * DAY), ==, NULL);
}

static void
test_memory_odd (Fixture      *fixture,
                 gconstpointer data)
{
  const gint64     now = START / G_USEC_PER_SEC;
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, ALICE, -1);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *endless = g_strnfill (1000000, '1');

  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "nonsense\n99999999999999999999 x\n\n1700000000", -1, NULL));
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now), ==, NULL);
  g_assert_nonnull (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now));
  g_assert_true (g_file_set_contents (path, endless, -1, NULL));
  g_assert_cmpstr (ph_reply_memory_take (fixture->folder, ALICE, ANN, "text", 7, now), ==, NULL);
}

#define ADD(name, function) g_test_add ("/server/responder/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("V30-rules", test_rules);
  ADD ("addresses", test_addresses);
  ADD ("V30-both-away", test_both_away);
  ADD ("memory", test_memory);
  ADD ("forgotten", test_forgotten);
  ADD ("memory-limits", test_memory_limits);
  ADD ("memory-odd", test_memory_odd);

  return g_test_run ();
}
