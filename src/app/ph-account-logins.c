#include "ph-account-logins.h"

#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhAccountLogins
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *last_row;
  GtkButton    *sessions_button;

  PhJournal *journal;
  PhAccount *account;
  GPtrArray *rows; /* borrowed from the group */
};

G_DEFINE_FINAL_TYPE (PhAccountLogins, ph_account_logins, ADW_TYPE_PREFERENCES_GROUP)

static void
update_last (PhAccountLogins *self)
{
  gint64           last_login;
  g_autofree char *client = NULL;
  g_autofree char *text = NULL;
  g_autofree char *exact = NULL;

  g_object_get (self->account, "last-login", &last_login, "last-login-client", &client, NULL);
  text = last_login != 0 ? ph_format_relative_time (last_login, g_get_real_time ()) : g_strdup (_ ("Nobody has logged in yet"));
  exact = last_login != 0 ? ph_format_absolute_time (last_login) : NULL;
  if (last_login != 0 && client != NULL)
    {
      /* Translators: a moment, and a program or protocol: "5 minutes ago, with Thunderbird" */
      g_autofree char *both = g_strdup_printf (_ ("%s, with %s"), text, client);

      adw_action_row_set_subtitle (self->last_row, both);
    }
  else
    adw_action_row_set_subtitle (self->last_row, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->last_row), exact);
}

static void
add_session (PhAccountLogins  *self,
             PhJournalSession *session)
{
  gint64           started;
  gboolean         is_running = ph_journal_session_get_state (session) == PH_JOURNAL_RUNNING;
  g_autofree char *client = NULL;
  g_autofree char *when = NULL;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  GtkWidget       *row;

  g_object_get (session, "started", &started, "client-name", &client, NULL);
  when = is_running ? g_strdup (_ ("connected now")) : ph_format_relative_time (started, g_get_real_time ());
  title = g_strdup_printf ("%s · %s", _ (ph_journal_session_get_service (session)), when);
  subtitle = g_strdup_printf (client != NULL ? "%s · %s" : "%s", ph_journal_session_get_peer (session), client);
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title, "subtitle", subtitle, NULL);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

static void
update (PhAccountLogins *self)
{
  GListModel *sessions = G_LIST_MODEL (self->journal);

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  if (self->account == NULL)
    return;

  update_last (self);
  for (guint i = g_list_model_get_n_items (sessions); i > 0 && self->rows->len < PH_ACCOUNT_LOGINS_MAX; i--)
    {
      g_autoptr (PhJournalSession) session = g_list_model_get_item (sessions, i - 1);

      if (g_strcmp0 (ph_journal_session_get_account (session), ph_account_get_address (self->account)) == 0 && !ph_journal_session_is_outgoing (session))
        add_session (self, session);
    }
}

static void
sessions_clicked_cb (PhAccountLogins *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.find-session", "s", ph_account_get_address (self->account));
}

/* What has come meanwhile is seen when the page is. */
static void
ph_account_logins_map (GtkWidget *widget)
{
  update (PH_ACCOUNT_LOGINS (widget));
  GTK_WIDGET_CLASS (ph_account_logins_parent_class)->map (widget);
}

static void
forget (PhAccountLogins *self)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
  g_clear_object (&self->journal);
}

static void
ph_account_logins_dispose (GObject *object)
{
  forget (PH_ACCOUNT_LOGINS (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_LOGINS);

  G_OBJECT_CLASS (ph_account_logins_parent_class)->dispose (object);
}

static void
ph_account_logins_finalize (GObject *object)
{
  g_ptr_array_unref (PH_ACCOUNT_LOGINS (object)->rows);

  G_OBJECT_CLASS (ph_account_logins_parent_class)->finalize (object);
}

static void
ph_account_logins_class_init (PhAccountLoginsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_logins_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_account_logins_finalize;
  widget_class->map = ph_account_logins_map;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-logins.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountLogins, last_row);
  gtk_widget_class_bind_template_child (widget_class, PhAccountLogins, sessions_button);
  gtk_widget_class_bind_template_callback (widget_class, sessions_clicked_cb);
}

static void
ph_account_logins_init (PhAccountLogins *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_account_logins_set_account (PhAccountLogins *self,
                               PhJournal       *journal,
                               PhAccount       *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_LOGINS (self));

  forget (self);
  g_set_object (&self->journal, journal);
  g_set_object (&self->account, account);
  if (account != NULL)
    g_signal_connect_object (account, "notify::last-login", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
