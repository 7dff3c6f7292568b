#pragma once

#include "ph-queue-item-private.h"
#include "ph-relay-error.h"
#include "ph-relay.h"
#include "ph-store.h"
#include "script-server.h"

#include "../support/remove-tree.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>

/* A relay with a turned clock, whose world is a scripted server and a handler that keeps in memory what
 * is for people here (the domain here.test). */

#define PATIENCE (60 * G_USEC_PER_SEC) /* an fsync on a busy machine takes its time */
#define START (G_GINT64_CONSTANT (1790000000) * G_USEC_PER_SEC)
#define MINUTES ((gint64)60 * G_USEC_PER_SEC)
#define HOURS (60 * MINUTES)

#define STUB_TYPE_INTAKE (stub_intake_get_type ())
G_DECLARE_FINAL_TYPE (StubIntake, stub_intake, STUB, INTAKE, GObject)

struct _StubIntake
{
  GObject    parent_instance;
  GPtrArray *taken;   /* of char*: "sender|recipient|message" */
  guint      n_fails; /* so many are refused for now */
};

static gboolean
stub_is_local (PhRelayHandler *handler,
               const char     *address)
{
  return g_str_has_suffix (address, "@here.test");
}

static void
stub_submit_async (PhRelayHandler     *handler,
                   const char         *sender,
                   const char         *recipient,
                   GBytes             *message,
                   gboolean            from_here,
                   GCancellable       *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer            user_data)
{
  StubIntake *self = STUB_INTAKE (handler);
  g_autoptr (GTask) task = g_task_new (handler, cancellable, callback, user_data);

  if (g_str_has_prefix (recipient, "nobody@"))
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "There is nobody named %s here", recipient);
  else if (self->n_fails > 0)
    {
      self->n_fails--;
      g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, "The disk is full");
    }
  else
    {
      g_ptr_array_add (self->taken, g_strdup_printf ("%s|%s|%.*s", sender, recipient, (int)g_bytes_get_size (message), (const char *)g_bytes_get_data (message, NULL)));
      g_task_return_boolean (task, TRUE);
    }
}

static gboolean
stub_submit_finish (PhRelayHandler *handler,
                    GAsyncResult   *result,
                    GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
stub_intake_iface_init (PhRelayHandlerInterface *iface)
{
  iface->is_local = stub_is_local;
  iface->submit_async = stub_submit_async;
  iface->submit_finish = stub_submit_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StubIntake, stub_intake, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (PH_TYPE_RELAY_HANDLER, stub_intake_iface_init))

static void
stub_intake_finalize (GObject *object)
{
  g_ptr_array_unref (STUB_INTAKE (object)->taken);
  G_OBJECT_CLASS (stub_intake_parent_class)->finalize (object);
}

static void
stub_intake_class_init (StubIntakeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stub_intake_finalize;
}

static void
stub_intake_init (StubIntake *self)
{
  self->taken = g_ptr_array_new_with_free_func (g_free);
}

typedef struct
{
  char         *dir;
  char         *relay_dir;
  char         *bad_dir;
  PhClock      *clock;
  PhPoller     *poller;
  PhJournal    *journal;
  PhStore      *store;
  StubIntake   *intake;
  ScriptServer *server;
  PhRelayConfig config;
  PhRelay      *relay;
} RelayFixture;

/* Turns the main loop, not the clock, until the condition holds. */
#define wait_for(condition)                                     \
  G_STMT_START                                                  \
  {                                                             \
    gint64 wait_end = g_get_monotonic_time () + PATIENCE;       \
    while (!(condition))                                        \
      {                                                         \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        if (!g_main_context_iteration (NULL, FALSE))            \
          g_usleep (200);                                       \
      }                                                         \
  }                                                             \
  G_STMT_END

static inline void
relay_fixture_start (RelayFixture *f)
{
  f->relay = ph_relay_new (f->relay_dir, f->bad_dir, f->clock, f->poller, f->journal, PH_RELAY_HANDLER (f->intake));
  ph_relay_configure (f->relay, &f->config);
  ph_relay_start (f->relay);
}

/* Until nothing is left of it: what it was at ends first. */
static inline void
relay_fixture_stop (RelayFixture *f)
{
  PhRelay *gone = f->relay;

  g_object_add_weak_pointer (G_OBJECT (gone), (gpointer *)&gone);
  ph_relay_stop (f->relay);
  g_clear_object (&f->relay);
  wait_for (gone == NULL);
}

/* All mail by a server on this computer, in place of what was set before. */
static inline void
use_smarthost (RelayFixture   *f,
               guint16         port,
               PhSmtpTlsPolicy tls,
               const char     *user,
               const char     *password)
{
  g_clear_pointer (&f->config.smarthost, ph_relay_target_unref);
  f->config.smarthost = ph_relay_target_new (&(PhRelayTarget){ .host = (char *)"127.0.0.1", .port = port, .tls = tls, .user = (char *)user, .password = (char *)password });
  ph_relay_configure (f->relay, &f->config);
}

static inline void
relay_fixture_set_up (RelayFixture *f,
                      gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->dir = g_dir_make_tmp ("posthouse-relay-XXXXXX", &error);
  g_assert_no_error (error);
  f->relay_dir = g_build_filename (f->dir, "relay", NULL);
  f->bad_dir = g_build_filename (f->dir, "bad", NULL);
  f->clock = ph_clock_new_manual (START);
  f->poller = ph_poller_new (f->clock);
  f->journal = ph_journal_new (f->clock);
  f->store = ph_store_new (f->dir, f->clock, &error);
  g_assert_no_error (error);
  f->intake = g_object_new (STUB_TYPE_INTAKE, NULL);
  f->server = script_server_new ("127.0.0.1", 0);
  f->config = (PhRelayConfig){
    .host_name = "mail.here.test",
    .guard = PH_RELAY_GUARD_ANYWHERE,
    .interval = 30,
    .warn_after = 4 * 60 * 60,
    .give_up_after = 5 * 24 * 60 * 60,
    .remote_port = f->server->port,
    .allow_loopback = TRUE,
  };
  relay_fixture_start (f);
}

static inline void
relay_fixture_tear_down (RelayFixture *f,
                         gconstpointer data)
{
  relay_fixture_stop (f);
  g_clear_pointer (&f->config.smarthost, ph_relay_target_unref);
  wait_for (G_OBJECT (f->poller)->ref_count == 1); /* connections say goodbye after the relay is gone */
  script_server_free (f->server);
  g_assert_finalize_object (f->intake);
  g_object_unref (f->store);
  g_object_unref (f->journal);
  g_object_unref (f->poller);
  g_object_unref (f->clock);
  remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->relay_dir);
  g_free (f->bad_dir);
}

static inline void
enqueued_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  *(char **)user_data = ph_relay_enqueue_finish (PH_RELAY (source), result, &error);
  g_assert_no_error (error);
}

#define MESSAGE_TEXT "Return-Path: <alice@here.test>\r\nFrom: <alice@here.test>\r\nSubject: greetings\r\nMessage-ID: <1@here.test>\r\n\r\nHello\r\n.dot\r\n"

/* Queues a message, with the envelope as it is; its id. Takes the envelope. */
static inline char *
queue_envelope (RelayFixture   *f,
                PhSmtpEnvelope *envelope,
                const char     *text)
{
  g_autoptr (PhSmtpEnvelope) taken = envelope;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (f->store, &error);
  char *id = NULL;

  g_assert_no_error (error);
  g_assert_true (ph_spool_write (spool, text, strlen (text), &error));
  ph_relay_enqueue_async (f->relay, spool, taken, NULL, enqueued_cb, &id);
  wait_for (id != NULL);
  ph_relay_commit (f->relay, id);

  return id;
}

/* From alice@here.test to those in `recipients` ("a@x,b@y"). */
static inline char *
queue (RelayFixture *f,
       const char   *recipients)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new ("alice@here.test");
  g_auto (GStrv) list = g_strsplit (recipients, ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    ph_smtp_envelope_add (envelope, list[i]);

  return queue_envelope (f, envelope, MESSAGE_TEXT);
}

static inline guint
count_queue (RelayFixture *f)
{
  return g_list_model_get_n_items (ph_relay_get_queue (f->relay));
}

static inline guint
count_bad (RelayFixture *f)
{
  return g_list_model_get_n_items (ph_relay_get_bad (f->relay));
}

static inline PhQueueState
get_state (GListModel *model,
           guint       i)
{
  g_autoptr (GObject) item = g_list_model_get_item (model, i);
  guint state = G_MAXUINT;

  if (item != NULL)
    g_object_get (item, "state", &state, NULL);

  return (PhQueueState)state;
}

/* The text of an envelope; "" where there is none. */
static inline char *
read_env (const char *dir,
          const char *id)
{
  g_autofree char *name = g_strconcat (id, ".env", NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);
  char            *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

static inline gboolean
env_has (RelayFixture *f,
         const char   *id,
         const char   *what)
{
  g_autofree char *text = read_env (f->relay_dir, id);

  return strstr (text, what) != NULL;
}

static inline gboolean
file_exists (const char *dir,
             const char *id,
             const char *ending)
{
  g_autofree char *name = g_strconcat (id, ending, NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Until the connections that wait for another message are closed: what comes next opens a new one. */
static inline void
let_connections_close (RelayFixture *f)
{
  ph_clock_advance (f->clock, (PH_SMTP_CLIENT_IDLE_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (script_server_count_open (f->server) == 0);
}

/* What people here got, as "sender|recipient|message". */
static inline const char *
get_taken (RelayFixture *f,
           guint         i)
{
  g_assert_cmpuint (i, <, f->intake->taken->len);

  return f->intake->taken->pdata[i];
}

/* What the log of a report says of one recipient. */
static inline gboolean
reports (RelayFixture *f,
         guint         i,
         const char   *what)
{
  return i < f->intake->taken->len && strstr (f->intake->taken->pdata[i], what) != NULL;
}

static inline guint
count_waiting (RelayFixture *f)
{
  guint n = 0;

  for (guint i = 0; i < count_queue (f); i++)
    n += get_state (ph_relay_get_queue (f->relay), i) != PH_QUEUE_TRYING && get_state (ph_relay_get_queue (f->relay), i) != PH_QUEUE_DUE;

  return n;
}
