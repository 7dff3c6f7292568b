#include "ph-account-figures.h"

/* Between two rounds of measuring, and between two "changed" within one, in µs. */
#define ROUND_INTERVAL (5 * G_USEC_PER_SEC)
#define CHANGED_INTERVAL (G_USEC_PER_SEC / 5)

struct _PhAccountFigures
{
  GObject parent_instance;

  PhServer     *server;
  GCancellable *cancellable;
  GHashTable   *used;      /* address → guint64 * */
  GHashTable   *connected; /* address → number of sessions */
  guint         next;      /* account to be measured */
  char         *measured;  /* the one that is, its address */
  gboolean      is_measuring;
  gint64        round_end; /* monotonic, 0 before the first */
  gint64        last_changed;
};

G_DEFINE_FINAL_TYPE (PhAccountFigures, ph_account_figures, G_TYPE_OBJECT)

static guint changed_signal;

static void
ph_account_figures_dispose (GObject *object)
{
  PhAccountFigures *self = PH_ACCOUNT_FIGURES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (ph_account_figures_parent_class)->dispose (object);
}

static void
ph_account_figures_finalize (GObject *object)
{
  PhAccountFigures *self = PH_ACCOUNT_FIGURES (object);

  g_object_unref (self->cancellable);
  g_free (self->measured);
  g_hash_table_unref (self->used);
  g_hash_table_unref (self->connected);

  G_OBJECT_CLASS (ph_account_figures_parent_class)->finalize (object);
}

static void
ph_account_figures_class_init (PhAccountFiguresClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_account_figures_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_account_figures_finalize;
  changed_signal = g_signal_new ("changed", PH_TYPE_ACCOUNT_FIGURES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_account_figures_init (PhAccountFigures *self)
{
  self->cancellable = g_cancellable_new ();
  self->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->connected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

PhAccountFigures *
ph_account_figures_new (PhServer *server)
{
  PhAccountFigures *self = g_object_new (PH_TYPE_ACCOUNT_FIGURES, NULL);

  self->server = g_object_ref (server);

  return self;
}

/* Measuring */

static void measure_next (PhAccountFigures *self);

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhAccountFigures) self = user_data;
  guint64  used;
  gboolean done = ph_server_measure_account_finish (PH_SERVER (source), result, &used, NULL);

  if (self->server == NULL)
    return;

  if (done)
    g_hash_table_insert (self->used, g_strdup (self->measured), g_memdup2 (&used, sizeof used));
  self->next++;
  measure_next (self);
}

static void
measure_next (PhAccountFigures *self)
{
  g_autoptr (PhAccount) account = self->next < PH_ACCOUNT_FIGURES_MEASURED_MAX ? g_list_model_get_item (G_LIST_MODEL (ph_server_get_accounts (self->server)), self->next) : NULL;
  gint64 now = g_get_monotonic_time ();

  self->is_measuring = account != NULL;
  if (account != NULL)
    {
      g_free (self->measured);
      self->measured = g_strdup (ph_account_get_address (account));
      ph_server_measure_account_async (self->server, self->measured, self->cancellable, measured_cb, g_object_ref (self));
    }
  else
    self->round_end = now;

  if (account == NULL || now - self->last_changed >= CHANGED_INTERVAL)
    {
      self->last_changed = now;
      g_signal_emit (self, changed_signal, 0);
    }
}

/* Who is connected */

static void
count_connected (PhAccountFigures *self)
{
  GListModel *sessions = G_LIST_MODEL (ph_server_get_journal (self->server));

  g_hash_table_remove_all (self->connected);
  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr (PhJournalSession) session = g_list_model_get_item (sessions, i);
      const char *account = ph_journal_session_get_account (session);

      if (account != NULL && ph_journal_session_get_state (session) == PH_JOURNAL_RUNNING && !ph_journal_session_is_outgoing (session))
        g_hash_table_insert (self->connected, g_strdup (account), GUINT_TO_POINTER (ph_account_figures_get_n_connected (self, account) + 1));
    }
}

void
ph_account_figures_refresh (PhAccountFigures *self)
{
  g_return_if_fail (PH_IS_ACCOUNT_FIGURES (self));

  count_connected (self);
  if (!self->is_measuring && (self->round_end == 0 || g_get_monotonic_time () - self->round_end >= ROUND_INTERVAL))
    {
      self->next = 0;
      measure_next (self);
    }
  else
    g_signal_emit (self, changed_signal, 0);
}

gboolean
ph_account_figures_get_used (PhAccountFigures *self,
                             const char       *address,
                             guint64          *bytes)
{
  const guint64 *used;

  g_return_val_if_fail (PH_IS_ACCOUNT_FIGURES (self), FALSE);

  used = g_hash_table_lookup (self->used, address);
  if (used != NULL)
    *bytes = *used;

  return used != NULL;
}

guint
ph_account_figures_get_n_connected (PhAccountFigures *self,
                                    const char       *address)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_FIGURES (self), 0);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->connected, address));
}
