#include "ph-window.h"

#include "ph-accounts-view.h"
#include "ph-attention.h"
#include "ph-format.h"
#include "ph-guard-button.h"
#include "ph-life-dialog.h"
#include "ph-mail-view.h"
#include "ph-overview-view.h"
#include "ph-preferences.h"
#include "ph-queue-view.h"
#include "ph-route-dialog.h"
#include "ph-sessions-view.h"
#include "ph-title.h"
#include "ph-window-state.h"

#include <glib/gi18n.h>

struct _PhWindow
{
  AdwApplicationWindow parent_instance;

  PhTitle          *title;
  GtkWidget        *header_bar;
  GtkButton        *start_button;
  AdwButtonContent *start_content;
  PhGuardButton    *guard_button;
  PhAttention      *attention;
  AdwToastOverlay  *toast_overlay;
  AdwViewStack     *stack;
  GtkWidget        *switcher_bar;
  PhOverviewView   *overview_view;
  PhAccountsView   *accounts_view;
  PhSessionsView   *sessions_view;
  PhMailView       *mail_view;
  PhQueueView      *queue_view;

  PhServer *server;
  AdwToast *toast;       /* the one that is shown, or NULL; weak */
  gboolean  is_changing; /* all services are being started or stopped */
  gboolean  is_narrow;
  gboolean  is_tight; /* no words in the guard's button */
  guint     narrow_idle;
};

G_DEFINE_FINAL_TYPE (PhWindow, ph_window, ADW_TYPE_APPLICATION_WINDOW)

/* Starting and stopping */

static gboolean
is_running (PhWindow *self)
{
  gboolean running;

  g_object_get (self->server, "running", &running, NULL);

  return running;
}

static void
update_start_button (PhWindow *self)
{
  gboolean running = is_running (self);

  adw_button_content_set_icon_name (self->start_content, running ? "media-playback-stop-symbolic" : "media-playback-start-symbolic");
  adw_button_content_set_label (self->start_content, running ? _ ("Stop") : _ ("Start"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->start_button), running ? _ ("Stop all services") : _ ("Start all services"));
  if (running)
    gtk_widget_remove_css_class (GTK_WIDGET (self->start_button), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->start_button), "suggested-action");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.start-stop", !self->is_changing);
}

static void
set_changing (PhWindow *self,
              gboolean  is_changing)
{
  self->is_changing = is_changing;
  update_start_button (self);
}

static void
show_toast (PhWindow *self,
            AdwToast *newest) /* taken */
{
  /* Not after all those before it, when nobody remembers what it is about. */
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  g_set_weak_pointer (&self->toast, newest);
  adw_toast_overlay_add_toast (self->toast_overlay, newest);
}

static void
toast (PhWindow   *self,
       const char *message)
{
  g_autofree char *escaped = g_markup_escape_text (message, -1);

  show_toast (self, adw_toast_new (escaped));
}

static void
accounts_toast_cb (PhWindow *self,
                   AdwToast *newest)
{
  show_toast (self, g_object_ref (newest));
}

static void
started_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  ph_server_start_finish (PH_SERVER (source), result, &error);
  if (self->server == NULL) /* closed meanwhile */
    return;
  if (error != NULL)
    toast (self, ph_format_words (error->message));
  set_changing (self, FALSE);
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhWindow) self = user_data;

  ph_server_stop_finish (PH_SERVER (source), result, NULL);
  if (self->server != NULL)
    set_changing (self, FALSE);
}

static void
start_stop_cb (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  PhWindow *self = PH_WINDOW (widget);
  gboolean  running = is_running (self);

  if (self->is_changing)
    return;

  set_changing (self, TRUE);
  if (running)
    ph_server_stop_async (self->server, NULL, stopped_cb, g_object_ref (self));
  else
    ph_server_start_async (self->server, NULL, started_cb, g_object_ref (self));
}

/* Width: the views' own switcher moves to the bottom where the bar is too short */

/* What the bar needs with its switcher, and with or without the guard's words: they are longer in some languages.
 * As the title is in the middle, one side's words may take their room on both sides: of a bar that is without them
 * the need with them is no more than told here, and so they are not brought back only to go again. */
static int
measure_bar (PhWindow *self,
             gboolean  with_words)
{
  int words = ph_guard_button_measure_words (self->guard_button);
  int natural;

  gtk_widget_measure (self->header_bar, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  natural += ph_title_measure_hidden (self->title);
  if (with_words == self->is_tight)
    natural += with_words ? 2 * words : -words;

  return natural;
}

static gboolean
is_narrow (PhWindow *self,
           int       width)
{
  return width < MAX (PH_WINDOW_NARROW, measure_bar (self, FALSE));
}

static gboolean
is_tight (PhWindow *self,
          int       width)
{
  return is_narrow (self, width) || width < measure_bar (self, TRUE);
}

static void
update_narrow (PhWindow *self,
               int       width)
{
  gboolean tight = is_tight (self, width);

  self->is_narrow = is_narrow (self, width);
  self->is_tight = tight;
  g_object_set (self->title, "narrow", self->is_narrow, NULL);
  g_object_set (self->guard_button, "compact", self->is_tight, NULL);
  adw_view_switcher_bar_set_reveal (ADW_VIEW_SWITCHER_BAR (self->switcher_bar), self->is_narrow);
}

static gboolean
narrow_idle_cb (gpointer data)
{
  PhWindow *self = data;

  self->narrow_idle = 0;
  update_narrow (self, gtk_widget_get_width (GTK_WIDGET (self)));

  return G_SOURCE_REMOVE;
}

static void
ph_window_size_allocate (GtkWidget *widget,
                         int        width,
                         int        height,
                         int        baseline)
{
  PhWindow *self = PH_WINDOW (widget);

  GTK_WIDGET_CLASS (ph_window_parent_class)->size_allocate (widget, width, height, baseline);

  if ((is_narrow (self, width) != self->is_narrow || is_tight (self, width) != self->is_tight) && self->narrow_idle == 0)
    self->narrow_idle = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, narrow_idle_cb, self, NULL);
}

/* Other actions */

static void
add_account_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  PhWindow *self = PH_WINDOW (widget);

  adw_view_stack_set_visible_child (self->stack, GTK_WIDGET (self->accounts_view));
  ph_accounts_view_add (self->accounts_view);
}

static void
compose_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  PhWindow *self = PH_WINDOW (widget);

  adw_view_stack_set_visible_child (self->stack, GTK_WIDGET (self->mail_view));
  ph_mail_view_compose (self->mail_view);
}

/* Where there is something to search: else in the sessions, which there always is. */
static void
search_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhWindow *self = PH_WINDOW (widget);

  if (adw_view_stack_get_visible_child (self->stack) == GTK_WIDGET (self->accounts_view))
    {
      ph_accounts_view_search (self->accounts_view);
      return;
    }

  if (adw_view_stack_get_visible_child (self->stack) == GTK_WIDGET (self->mail_view))
    {
      ph_mail_view_search (self->mail_view);
      return;
    }

  adw_view_stack_set_visible_child (self->stack, GTK_WIDGET (self->sessions_view));
  ph_sessions_view_search (self->sessions_view);
}

/* The session with this text in it: the ID that a message got when it came. */
static void
find_session_cb (GtkWidget  *widget,
                 const char *action,
                 GVariant   *parameter)
{
  PhWindow *self = PH_WINDOW (widget);

  adw_view_stack_set_visible_child (self->stack, GTK_WIDGET (self->sessions_view));
  ph_sessions_view_find (self->sessions_view, g_variant_get_string (parameter, NULL));
}

static void
show_session_cb (GtkWidget  *widget,
                 const char *action,
                 GVariant   *parameter)
{
  PhWindow         *self = PH_WINDOW (widget);
  PhJournalSession *session = ph_journal_find_session (ph_server_get_journal (self->server), g_variant_get_uint64 (parameter));

  if (session == NULL)
    {
      toast (self, _ ("The log does not have that session any more"));
      return;
    }

  adw_view_stack_set_visible_child (self->stack, GTK_WIDGET (self->sessions_view));
  ph_sessions_view_show (self->sessions_view, session);
}

static void
show_life_cb (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  PhWindow               *self = PH_WINDOW (widget);
  g_autofree const char **messages = g_variant_get_strv (parameter, NULL);

  gtk_window_present (GTK_WINDOW (ph_life_dialog_new (ph_server_get_journal (self->server), messages, GTK_WINDOW (self))));
}

static void
reroute_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  g_autofree const char **ids = g_variant_get_strv (parameter, NULL);

  gtk_window_present (GTK_WINDOW (ph_route_dialog_new (PH_WINDOW (widget)->server, ids, GTK_WINDOW (widget))));
}

static void
unblock_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  ph_server_unblock (PH_WINDOW (widget)->server, g_variant_get_string (parameter, NULL));
}

static void
block_cb (PhWindow         *self,
          PhJournalSession *session,
          guint             seconds)
{
  g_autofree char *address = ph_server_block (self->server, ph_journal_session_get_peer (session), seconds);
  g_autofree char *text = NULL;
  AdwToast        *newest;

  if (address == NULL)
    {
      toast (self, _ ("This address can’t be blocked"));
      return;
    }

  /* Translators: the address of a computer */
  text = g_strdup_printf (seconds > 0 ? _ ("%s is blocked for an hour") : /* Translators: the address of a computer */ _ ("%s is blocked"), address);
  newest = adw_toast_new (text);
  adw_toast_set_button_label (newest, _ ("_Undo"));
  adw_toast_set_action_name (newest, "win.unblock");
  adw_toast_set_action_target_value (newest, g_variant_new_string (address));
  show_toast (self, newest);
}

static void
preferences_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  gtk_window_present (GTK_WINDOW (ph_preferences_new (PH_WINDOW (widget)->server, GTK_WINDOW (widget))));
}

static void
view_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  adw_view_stack_set_visible_child_name (PH_WINDOW (widget)->stack, g_variant_get_string (parameter, NULL));
}

static void
toast_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  toast (PH_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
queue_action_cb (PhWindow   *self,
                 const char *id,
                 guint       action)
{
  if (!ph_server_queue_action (self->server, id, (PhQueueAction)action))
    toast (self, _ ("That message is no longer in the queue"));
}

static gboolean
ph_window_close_request (GtkWindow *window)
{
  ph_window_state_save (window);

  return GTK_WINDOW_CLASS (ph_window_parent_class)->close_request (window);
}

static void
ph_window_dispose (GObject *object)
{
  PhWindow *self = PH_WINDOW (object);

  g_clear_handle_id (&self->narrow_idle, g_source_remove);
  g_clear_weak_pointer (&self->toast);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_WINDOW);

  G_OBJECT_CLASS (ph_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PhWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, start_button);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, start_content);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, guard_button);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, attention);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, overview_view);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, accounts_view);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, sessions_view);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, mail_view);
  gtk_widget_class_bind_template_child (widget_class, PhWindow, queue_view);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  static const char *const views[] = { "overview", "accounts", "sessions", "mail", "queue" };

  gtk_widget_class_install_action (widget_class, "win.start-stop", NULL, start_stop_cb);
  gtk_widget_class_install_action (widget_class, "win.add-account", NULL, add_account_cb);
  gtk_widget_class_install_action (widget_class, "win.compose", NULL, compose_cb);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_cb);
  gtk_widget_class_install_action (widget_class, "win.find-session", "s", find_session_cb);
  gtk_widget_class_install_action (widget_class, "win.show-session", "t", show_session_cb);
  gtk_widget_class_install_action (widget_class, "win.show-life", "as", show_life_cb);
  gtk_widget_class_install_action (widget_class, "win.reroute", "as", reroute_cb);
  gtk_widget_class_install_action (widget_class, "win.unblock", "s", unblock_cb);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_cb);
  gtk_widget_class_install_action (widget_class, "win.view", "s", view_cb);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "win.start-stop", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "win.add-account", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_m, GDK_CONTROL_MASK, "win.compose", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "win.search", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_comma, GDK_CONTROL_MASK, "win.preferences", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + i, GDK_ALT_MASK, "win.view", "s", views[i]);
}

static void
ph_window_class_init (PhWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = ph_window_close_request;
  widget_class->size_allocate = ph_window_size_allocate;

  g_type_ensure (PH_TYPE_ACCOUNTS_VIEW);
  g_type_ensure (PH_TYPE_ATTENTION);
  g_type_ensure (PH_TYPE_GUARD_BUTTON);
  g_type_ensure (PH_TYPE_MAIL_VIEW);
  g_type_ensure (PH_TYPE_OVERVIEW_VIEW);
  g_type_ensure (PH_TYPE_QUEUE_VIEW);
  g_type_ensure (PH_TYPE_SESSIONS_VIEW);
  g_type_ensure (PH_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-window.ui");
  bind_children (widget_class);
  install_actions (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, accounts_toast_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_action_cb);
}

static void
ph_window_init (PhWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_window_new (GtkApplication *application,
               PhServer       *server)
{
  PhWindow   *self = g_object_new (PH_TYPE_WINDOW, "application", application, NULL);
  PhSettings *settings = ph_server_get_settings (server);
  PhJournal  *journal = ph_server_get_journal (server);
  int         width, height;

  self->server = g_object_ref (server);
  ph_attention_set_server (self->attention, server);
  ph_overview_view_set_server (self->overview_view, server);
  ph_accounts_view_set_server (self->accounts_view, server);
  ph_sessions_view_set_journal (self->sessions_view, journal);
  g_signal_connect_object (self->sessions_view, "disconnect", G_CALLBACK (ph_server_disconnect), server, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sessions_view, "block", G_CALLBACK (block_cb), self, G_CONNECT_SWAPPED);
  ph_mail_view_set_server (self->mail_view, server);
  ph_queue_view_set_models (self->queue_view, ph_server_get_queue (server), ph_server_get_bad (server));
  g_object_bind_property (settings, "guard", self->guard_button, "guard", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (settings, "smarthost", self->guard_button, "smarthost", G_BINDING_SYNC_CREATE);

  g_signal_connect_object (server, "notify::running", G_CALLBACK (update_start_button), self, G_CONNECT_SWAPPED);
  update_start_button (self);

  ph_window_state_restore (GTK_WINDOW (self));
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  update_narrow (self, width);

  return GTK_WIDGET (self);
}
