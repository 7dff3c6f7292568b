#include "ph-sessions-view.h"

#include "ph-account-chip.h"
#include "ph-fold.h"
#include "ph-format.h"
#include "ph-life-dialog.h"
#include "ph-row-factory.h"
#include "ph-session-list.h"
#include "ph-session-row.h"
#include "ph-session-save.h"
#include "ph-session-summary.h"
#include "ph-transcript.h"
#include "ph-wrap-layout.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define N_CHIPS 7

struct _PhSessionsView
{
  GtkWidget parent_instance;

  PhFold            *fold;
  GtkSearchEntry    *search_entry;
  GtkToggleButton   *chips[N_CHIPS];
  PhAccountChip     *account_chip;
  GtkStack          *list_stack;
  GtkListView       *list;
  GtkScrolledWindow *list_scroller;
  GtkButton         *waiting_button;
  GtkToggleButton   *all_button;
  GtkButton         *back_button;
  AdwWindowTitle    *title;
  PhSessionSummary  *summary;
  PhTranscript      *transcript;
  GtkToggleButton   *elapsed_button;
  GtkWidget         *copy_button;
  GtkWidget         *life_button;

  PhSessionList      *sessions;
  GtkSingleSelection *selection;
  GtkLabel           *dropped_label;
  PhJournal          *journal;
  PhJournalSession   *shown; /* NULL for all */
  gboolean            is_pointed_at;
  gboolean            has_life; /* there is something to say of the messages of the session shown */
};

G_DEFINE_FINAL_TYPE (PhSessionsView, ph_sessions_view, GTK_TYPE_WIDGET)

#define HOUR (60 * 60)

static guint disconnect_signal;
static guint block_signal;

static const struct
{
  const char    *id;
  PhSessionKinds kind;
} chips[N_CHIPS] = {
  { "smtp_chip", PH_SESSION_SMTP },
  { "submission_chip", PH_SESSION_SUBMISSION },
  { "imap_chip", PH_SESSION_IMAP },
  { "pop3_chip", PH_SESSION_POP3 },
  { "out_chip", PH_SESSION_OUT },
  { "running_chip", PH_SESSION_RUNNING },
  { "failed_chip", PH_SESSION_FAILED },
};

/* The transcript */

static void
update_title (PhSessionsView *self)
{
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *client = NULL;
  const char      *peer;

  if (self->shown == NULL)
    {
      adw_window_title_set_title (self->title, _ ("All Sessions"));
      adw_window_title_set_subtitle (self->title, _ ("As they speak"));
      return;
    }

  g_object_get (self->shown, "client-name", &client, NULL);
  peer = ph_journal_session_get_peer (self->shown);
  title = g_strdup_printf ("%s %" G_GUINT64_FORMAT, _ (ph_journal_session_get_service (self->shown)), ph_journal_session_get_id (self->shown));
  subtitle = g_strjoin (" · ", peer != NULL ? peer : _ ("not connected yet"), client, NULL);
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, subtitle);
}

/* Those that Posthouse opened end by themselves. */
static void
update_disconnect (PhSessionsView *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sessions.disconnect",
                                 self->shown != NULL && !ph_journal_session_is_outgoing (self->shown) &&
                                   ph_journal_session_get_state (self->shown) == PH_JOURNAL_RUNNING);
}

/* Who came over the network, now or before. */
static void
update_block (PhSessionsView *self)
{
  const char *peer = self->shown != NULL && !ph_journal_session_is_outgoing (self->shown) ? ph_journal_session_get_peer (self->shown) : NULL;
  gboolean    has_address = peer != NULL && strchr (peer, ':') != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sessions.block-hour", has_address);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sessions.block", has_address);
}

static void
disconnect_cb (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  PhSessionsView *self = PH_SESSIONS_VIEW (widget);

  if (self->shown != NULL)
    g_signal_emit (self, disconnect_signal, 0, self->shown);
}

static void
block_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  PhSessionsView *self = PH_SESSIONS_VIEW (widget);

  if (self->shown != NULL)
    g_signal_emit (self, block_signal, 0, self->shown, g_str_has_suffix (action, "hour") ? HOUR : 0);
}

/* Where there is little room, what a menu or a key does too leaves it to the title. */
static void
update_buttons (PhSessionsView *self)
{
  gboolean is_folded = ph_fold_get_folded (self->fold);

  gtk_widget_set_visible (GTK_WIDGET (self->back_button), is_folded);
  gtk_widget_set_visible (self->copy_button, !is_folded);
  gtk_widget_set_visible (self->life_button, !is_folded || self->has_life);
}

/* What became of the messages of this session. */
static void
update_life (PhSessionsView *self)
{
  g_auto (GStrv) messages = self->shown != NULL ? ph_trail_list_messages (ph_journal_get_trail (self->journal), ph_journal_session_get_id (self->shown), 1) : NULL;

  self->has_life = messages != NULL && messages[0] != NULL;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sessions.life", self->has_life);
  update_buttons (self);
}

static void
life_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhSessionsView *self = PH_SESSIONS_VIEW (widget);
  g_auto (GStrv) messages = NULL;

  if (self->shown == NULL)
    return;

  messages = ph_trail_list_messages (ph_journal_get_trail (self->journal), ph_journal_session_get_id (self->shown), PH_LIFE_DIALOG_MESSAGES_MAX);
  gtk_widget_activate_action (widget, "win.show-life", "^as", messages);
}

static void update_save_actions (PhSessionsView *self);

static void
show_session (PhSessionsView   *self,
              PhJournalSession *session)
{
  if (session == self->shown && session != NULL)
    return;

  if (self->shown != NULL)
    g_signal_handlers_disconnect_by_data (self->shown, self);
  g_set_object (&self->shown, session);
  if (session != NULL)
    {
      g_signal_connect_object (session, "notify", G_CALLBACK (update_title), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (session, "notify::state", G_CALLBACK (update_disconnect), self, G_CONNECT_SWAPPED);
      ph_transcript_set_lines (self->transcript, ph_journal_session_get_lines (session), FALSE);
    }
  else
    ph_transcript_set_lines (self->transcript, self->journal != NULL ? ph_journal_get_all_lines (self->journal) : NULL, TRUE);

  gtk_toggle_button_set_active (self->all_button, session == NULL);
  ph_session_summary_set_session (self->summary, session);
  update_title (self);
  update_save_actions (self);
  update_disconnect (self);
  update_block (self);
  update_life (self);
}

static void
selected_cb (PhSessionsView *self)
{
  PhJournalSession *session = gtk_single_selection_get_selected_item (self->selection);

  /* One that the list loses (dropped, filtered away) may still be read. */
  if (session != NULL)
    show_session (self, session);
}

static void
activated_cb (PhSessionsView *self,
              guint           position)
{
  gtk_single_selection_set_selected (self->selection, position);
  ph_fold_set_shows_content (self->fold, TRUE);
}

static void
all_toggled_cb (PhSessionsView *self)
{
  if (gtk_toggle_button_get_active (self->all_button))
    {
      gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
      show_session (self, NULL);
      ph_fold_set_shows_content (self->fold, TRUE);
    }
  else if (self->shown == NULL)
    gtk_toggle_button_set_active (self->all_button, TRUE);
}

static void
back_clicked_cb (PhSessionsView *self)
{
  ph_fold_set_shows_content (self->fold, FALSE);
}

static void
folded_cb (PhSessionsView *self)
{
  update_buttons (self);
  /* A single click leads to the transcript where it takes the place of the list. */
  gtk_list_view_set_single_click_activate (self->list, ph_fold_get_folded (self->fold));
}

static void
elapsed_toggled_cb (PhSessionsView *self)
{
  ph_transcript_set_show_elapsed (self->transcript, gtk_toggle_button_get_active (self->elapsed_button));
}

static void
copy_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  ph_transcript_copy (PH_SESSIONS_VIEW (widget)->transcript);
}

/* Saving.  Of all sessions together there is only a text. */

static const struct
{
  const char     *action;
  PhJournalExport format;
} formats[] = {
  { "sessions.save-text", PH_JOURNAL_EXPORT_TEXT },
  { "sessions.save-json", PH_JOURNAL_EXPORT_JSON_LINES },
  { "sessions.save-markdown", PH_JOURNAL_EXPORT_MARKDOWN },
};

static void
save_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhSessionsView *self = PH_SESSIONS_VIEW (widget);

  for (guint i = 0; i < G_N_ELEMENTS (formats) && self->shown != NULL; i++)
    if (strcmp (action, formats[i].action) == 0)
      ph_session_save (widget, self->shown, formats[i].format);
  if (self->shown == NULL)
    ph_transcript_save (self->transcript, _ ("sessions.txt"));
}

static void
update_save_actions (PhSessionsView *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), formats[i].action, self->shown != NULL || formats[i].format == PH_JOURNAL_EXPORT_TEXT);
}

/* The list */

static void
chips_changed_cb (PhSessionsView *self)
{
  PhSessionKinds kinds = 0;

  for (guint i = 0; i < N_CHIPS; i++)
    if (gtk_toggle_button_get_active (self->chips[i]))
      kinds |= chips[i].kind;
  ph_session_list_set_kinds (self->sessions, kinds);
}

static void
search_changed_cb (PhSessionsView *self)
{
  ph_session_list_set_text (self->sessions, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
clear_filter_cb (PhSessionsView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  for (guint i = 0; i < N_CHIPS; i++)
    gtk_toggle_button_set_active (self->chips[i], FALSE);
  g_object_set (self->account_chip, "account", "", NULL);
  search_changed_cb (self);
}

static void
update_list (PhSessionsView *self)
{
  guint            n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));
  guint            n_total, n_waiting;
  g_autofree char *label = NULL;

  g_object_get (self->sessions, "n-total", &n_total, "n-waiting", &n_waiting, NULL);
  gtk_stack_set_visible_child_name (self->list_stack, n_shown > 0 || n_waiting > 0 ? "list" : n_total > 0 ? "none-found"
                                                                                                          : "empty");
  /* Translators: a number of sessions that came while the list was being read */
  label = g_strdup_printf (ngettext ("Show %u new session", "Show %u new sessions", n_waiting), n_waiting);
  gtk_button_set_label (self->waiting_button, label);
  gtk_widget_set_visible (GTK_WIDGET (self->waiting_button), n_waiting > 0);
}

/* The list keeps the row that was first in its place when others come above it: it is
 * to show them.  (Nobody points at it now, or it would be held.) */
static void
items_changed_cb (PhSessionsView *self)
{
  gboolean held;

  g_object_get (self->sessions, "held", &held, NULL);
  if (!held && g_list_model_get_n_items (G_LIST_MODEL (self->sessions)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
  update_list (self);
}

/* Rows stay where they are while somebody points at them, or looks further down. */
static void
update_held (PhSessionsView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->list_scroller);

  ph_session_list_set_held (self->sessions, self->is_pointed_at || gtk_adjustment_get_value (adjustment) > 1);
}

static void
pointer_entered_cb (PhSessionsView *self)
{
  self->is_pointed_at = TRUE;
  update_held (self);
}

static void
pointer_left_cb (PhSessionsView *self)
{
  self->is_pointed_at = FALSE;
  update_held (self);
}

static void
waiting_clicked_cb (PhSessionsView *self)
{
  ph_session_list_show_waiting (self->sessions);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->sessions)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
}

static void
ph_sessions_view_dispose (GObject *object)
{
  PhSessionsView *self = PH_SESSIONS_VIEW (object);

  if (self->shown != NULL)
    g_signal_handlers_disconnect_by_data (self->shown, self);
  g_clear_object (&self->shown);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  if (self->sessions != NULL)
    ph_session_list_set_sessions (self->sessions, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->sessions);
  g_clear_object (&self->journal);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_SESSIONS_VIEW);

  G_OBJECT_CLASS (ph_sessions_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, fold);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, account_chip);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, list_stack);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, list);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, list_scroller);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, waiting_button);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, dropped_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, all_button);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, back_button);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, title);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, summary);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, transcript);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, elapsed_button);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PhSessionsView, life_button);
  for (guint i = 0; i < N_CHIPS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, chips[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhSessionsView, chips) + (gssize)(i * sizeof (gpointer)));
}

static void
ph_sessions_view_class_init (PhSessionsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_sessions_view_dispose;

  g_type_ensure (PH_TYPE_ACCOUNT_CHIP);
  g_type_ensure (PH_TYPE_FOLD);
  g_type_ensure (PH_TYPE_SESSION_SUMMARY);
  g_type_ensure (PH_TYPE_TRANSCRIPT);
  g_type_ensure (PH_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  disconnect_signal = g_signal_new ("disconnect", PH_TYPE_SESSIONS_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, PH_TYPE_JOURNAL_SESSION);
  block_signal = g_signal_new ("block", PH_TYPE_SESSIONS_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, PH_TYPE_JOURNAL_SESSION, G_TYPE_UINT);
  gtk_widget_class_install_action (widget_class, "sessions.disconnect", NULL, disconnect_cb);
  gtk_widget_class_install_action (widget_class, "sessions.block-hour", NULL, block_cb);
  gtk_widget_class_install_action (widget_class, "sessions.block", NULL, block_cb);
  gtk_widget_class_install_action (widget_class, "sessions.life", NULL, life_cb);
  gtk_widget_class_install_action (widget_class, "sessions.copy", NULL, copy_cb);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    gtk_widget_class_install_action (widget_class, formats[i].action, NULL, save_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-sessions-view.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, all_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, chips_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, elapsed_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, pointer_entered_cb);
  gtk_widget_class_bind_template_callback (widget_class, pointer_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, waiting_clicked_cb);
}

static void
ph_sessions_view_init (PhSessionsView *self)
{
  g_autoptr (GtkListItemFactory) factory = ph_row_factory_new (PH_TYPE_SESSION_ROW, "session");

  gtk_widget_init_template (GTK_WIDGET (self));

  self->sessions = ph_session_list_new ();
  ph_account_chip_set_list (self->account_chip, self->sessions);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->sessions)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));

  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sessions, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->sessions, "notify", G_CALLBACK (update_list), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->list_scroller), "value-changed",
                           G_CALLBACK (update_held), self, G_CONNECT_SWAPPED);
  update_list (self);
  show_session (self, NULL);
  folded_cb (self);
}

/* The log is a ring: what it let go of is said, so that nobody looks for it. */
static void
update_dropped (PhSessionsView *self)
{
  guint64          n_dropped;
  guint            n;
  g_autofree char *text = NULL;

  g_object_get (self->journal, "n-dropped-sessions", &n_dropped, NULL);
  n = (guint)MIN (n_dropped, G_MAXINT);
  /* Translators: a number of sessions that the log keeps no more */
  text = g_strdup_printf (ngettext ("%u older session was dropped", "%u older sessions were dropped", n), n);
  gtk_label_set_label (self->dropped_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->dropped_label), n > 0);
}

void
ph_sessions_view_set_journal (PhSessionsView *self,
                              PhJournal      *journal)
{
  g_return_if_fail (PH_IS_SESSIONS_VIEW (self));

  g_set_object (&self->journal, journal);
  ph_session_list_set_sessions (self->sessions, G_LIST_MODEL (journal));
  g_signal_connect_object (ph_journal_get_trail (journal), "changed", G_CALLBACK (update_life), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (journal, "notify::n-dropped-sessions", G_CALLBACK (update_dropped), self, G_CONNECT_SWAPPED);
  update_dropped (self);
  show_session (self, NULL);
}

void
ph_sessions_view_show (PhSessionsView   *self,
                       PhJournalSession *session)
{
  GListModel *model;
  guint       position = 0, n;

  g_return_if_fail (PH_IS_SESSIONS_VIEW (self));

  /* The list may not have taken it in yet. */
  ph_session_list_show_waiting (self->sessions);
  model = G_LIST_MODEL (self->selection);
  n = g_list_model_get_n_items (model);
  for (; position < n; position++)
    {
      g_autoptr (PhJournalSession) item = g_list_model_get_item (model, position);

      if (item == session)
        break;
    }
  /* A filter may hide it: it is shown all the same. */
  gtk_single_selection_set_selected (self->selection, position < n ? position : GTK_INVALID_LIST_POSITION);
  if (position < n)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
  show_session (self, session);
  ph_fold_set_shows_content (self->fold, TRUE);
}

void
ph_sessions_view_search (PhSessionsView *self)
{
  g_return_if_fail (PH_IS_SESSIONS_VIEW (self));

  ph_fold_set_shows_content (self->fold, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
ph_sessions_view_find (PhSessionsView *self,
                       const char     *text)
{
  g_return_if_fail (PH_IS_SESSIONS_VIEW (self));

  clear_filter_cb (self);
  ph_fold_set_shows_content (self->fold, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
  search_changed_cb (self);
}
