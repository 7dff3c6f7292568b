/* The Mail view with a real server behind it: what is pressed here is done there. */

#include "ph-column-layout.h"
#include "ph-life-dialog.h"
#include "ph-life-row.h"
#include "ph-mail-composer.h"
#include "ph-mail-details.h"
#include "ph-mail-messages.h"
#include "ph-mail-parts.h"
#include "ph-mail-reader.h"
#include "ph-mail-row.h"
#include "ph-mail-text-view.h"
#include "ph-mail-view.h"
#include "ph-sessions-view.h"
#include "ph-window.h"

#include "../support/remove-tree.h"

#include <string.h>

#define ANN "ann@demo.test"
#define BOB "bob@demo.test"

typedef struct
{
  char      *directory;
  PhServer  *server;
  GtkWindow *window;
  GtkWidget *view; /* PhMailView */
} Fixture;

/* Finding and pressing */

/* Not in menus, which have a stack of their own. */
static GtkWidget *
find_type (GtkWidget *root,
           GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  if (GTK_IS_POPOVER (root))
    return NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* A button by what it does, as a person finds it by its look. */
static GtkWidget *
find_button (GtkWidget  *root,
             const char *action,
             const char *label)
{
  if (GTK_IS_BUTTON (root))
    {
      const char *its_action = gtk_actionable_get_action_name (GTK_ACTIONABLE (root));
      const char *its_label = gtk_button_get_label (GTK_BUTTON (root));

      if (action != NULL ? g_strcmp0 (its_action, action) == 0 : g_strcmp0 (its_label, label) == 0)
        return root;
    }

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, action, label);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* Emitting "clicked" would press what can't be pressed. */
static void
press (GtkWidget *button)
{
  g_assert_nonnull (button);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_assert_true (gtk_widget_get_mapped (button));
  g_signal_emit_by_name (button, "clicked");
}

static GtkWidget *
find_row (GtkWidget  *root,
          const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (root) && g_str_has_prefix (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, title);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static char *
dup_text (GtkWidget *widget)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_type (widget, GTK_TYPE_TEXT_VIEW)));
  GtkTextIter    start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static PhMailMessages *
get_messages (Fixture *fixture)
{
  return PH_MAIL_MESSAGES (find_type (fixture->view, PH_TYPE_MAIL_MESSAGES));
}

static guint
count_messages (Fixture *fixture)
{
  PhMailList *list = ph_mail_messages_get_list (get_messages (fixture));

  return list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (list)) : 0;
}

/* That of the reader's pages is in another. */
static GtkWidget *
get_pages (Fixture *fixture)
{
  return gtk_widget_get_ancestor (find_type (fixture->view, PH_TYPE_MAIL_DETAILS), GTK_TYPE_STACK);
}

static const char *
get_reader_page (Fixture *fixture)
{
  GtkWidget *stack = gtk_widget_get_ancestor (gtk_widget_get_parent (get_pages (fixture)), GTK_TYPE_STACK);

  return gtk_stack_get_visible_child_name (GTK_STACK (stack));
}

static GtkSelectionModel *
get_selection (Fixture *fixture)
{
  return gtk_list_view_get_model (GTK_LIST_VIEW (find_type (GTK_WIDGET (get_messages (fixture)), GTK_TYPE_LIST_VIEW)));
}

static const char *
get_page (GtkWidget *widget)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (find_type (widget, GTK_TYPE_STACK)));
}

/* Waiting */

typedef gboolean (*Condition) (Fixture *fixture);

#define wait_for(fixture, condition) wait_for_named (fixture, condition, #condition)

static void
wait_for_named (Fixture    *fixture,
                Condition   condition,
                const char *name)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!condition (fixture))
    {
      if (g_get_monotonic_time () > end)
        g_error ("%s never came; pages: %s, %s, %s", name, get_page (fixture->view), get_page (GTK_WIDGET (get_messages (fixture))), get_reader_page (fixture));
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* The window */

static void
add_account (Fixture    *fixture,
             const char *address)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ph_server_add_account_async (fixture->server, address, "Ann Ä", "secret", NULL, keep_result_cb, &result);
  await (&result);
  g_assert_true (ph_server_account_finish (fixture->server, result, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (PhSettings) settings = NULL;
  g_autofree char *path = NULL;

  fixture->directory = g_dir_make_tmp ("posthouse-app-XXXXXX", &error);
  path = g_build_filename (fixture->directory, "posthouse.ini", NULL);
  settings = ph_settings_new (path, &error);
  g_assert_no_error (error);
  ph_settings_use_free_ports (settings);
  fixture->server = ph_server_new (settings, fixture->directory, clock, &error);
  g_assert_no_error (error);

  fixture->window = GTK_WINDOW (ph_window_new (NULL, fixture->server));
  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *)&fixture->window);
  fixture->view = find_type (GTK_WIDGET (fixture->window), PH_TYPE_MAIL_VIEW);
  gtk_window_present (fixture->window);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.view", "s", "mail");
}

static gboolean
is_window_gone (Fixture *fixture)
{
  return fixture->window == NULL;
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  gtk_window_destroy (fixture->window);
  wait_for (fixture, is_window_gone);
  g_assert_true (ph_settings_flush (ph_server_get_settings (fixture->server), NULL));
  g_clear_object (&fixture->server);
  for (guint i = 0; i < 50; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_usleep (1000);
    }
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static gboolean
has_list (Fixture *fixture)
{
  return ph_mail_messages_get_list (get_messages (fixture)) != NULL;
}

static gboolean
has_one (Fixture *fixture)
{
  return count_messages (fixture) == 1;
}

static gboolean
has_none (Fixture *fixture)
{
  return count_messages (fixture) == 0;
}

static gboolean
is_read (Fixture *fixture)
{
  return strcmp (get_reader_page (fixture), "message") == 0;
}

/* Straight through the server, where the way in is not what is tested. */
static void
send (Fixture    *fixture,
      const char *subject,
      const char *body)
{
  PhMailDraft draft = { .from = (char *)ANN, .to = (char *)ANN, .subject = (char *)subject, .body = (char *)body };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJournalSession) session = NULL;
  g_autofree char *refused = NULL;

  ph_mail_send_async (ph_server_get_mail (fixture->server), &draft, NULL, keep_result_cb, &result);
  await (&result);
  g_assert_true (ph_mail_send_finish (ph_server_get_mail (fixture->server), result, &refused, &session, &error));
  g_assert_no_error (error);
  g_assert_null (refused);
  g_assert_cmpstr (ph_journal_session_get_account (session), ==, ANN);
}

/* Tests */

static void
test_no_account (Fixture      *fixture,
                 gconstpointer data)
{
  g_assert_cmpstr (get_page (fixture->view), ==, "empty");
  g_assert_nonnull (find_button (fixture->view, "win.add-account", NULL));
  add_account (fixture, ANN);
  g_assert_cmpstr (get_page (fixture->view), ==, "mail");
  wait_for (fixture, has_list);
  g_assert_cmpstr (ph_mail_list_get_folder (ph_mail_messages_get_list (get_messages (fixture))), ==, "INBOX");
  g_assert_cmpstr (get_page (GTK_WIDGET (get_messages (fixture))), ==, "empty");
}

static GtkWidget *
find_composer (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (PH_IS_MAIL_COMPOSER (toplevel))
        return toplevel;
    }

  return NULL;
}

static gboolean
has_no_composer (Fixture *fixture)
{
  return find_composer () == NULL;
}

static gboolean
has_composer (Fixture *fixture)
{
  return find_composer () != NULL && gtk_widget_get_mapped (find_composer ());
}

static gboolean
has_error (Fixture *fixture)
{
  g_autofree char *title = NULL;
  GtkWidget       *button = find_button (find_composer (), NULL, "_Send");

  g_object_get (find_type (find_composer (), g_type_from_name ("PhBanner")), "title", &title, NULL);

  return title != NULL && button != NULL;
}

static void
test_compose (Fixture      *fixture,
              gconstpointer data)
{
  G_GNUC_UNUSED g_autofree char *path = g_build_filename (fixture->directory, "über \"x\".txt", NULL);
  g_autofree char               *title = NULL, *text = NULL;
  GtkWidget                     *composer, *to, *send_button;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  press (find_button (fixture->view, "mail.compose", NULL));
  wait_for (fixture, has_composer);
  composer = find_composer ();
  to = find_row (composer, "To");
  send_button = find_button (composer, NULL, "_Send");

  /* Not to nobody, and not to nonsense. */
  g_assert_false (gtk_widget_is_sensitive (send_button));
  gtk_editable_set_text (GTK_EDITABLE (to), "not an address");
  g_assert_false (gtk_widget_is_sensitive (send_button));
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (to)), !=, "To");

  /* Refused: the server's words are shown, and nothing typed is lost. */
  gtk_editable_set_text (GTK_EDITABLE (to), "nobody@demo.test");
  gtk_editable_set_text (GTK_EDITABLE (find_row (composer, "Subject")), "Grüße <b>&amp;");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_type (composer, GTK_TYPE_TEXT_VIEW))), "Hi!\n.\nÄ\n", -1);
  press (send_button);
  wait_for (fixture, has_error);
  g_object_get (find_type (composer, g_type_from_name ("PhBanner")), "title", &title, NULL);
  g_assert_cmpstr (title, ==, "nobody@demo.test: 550 5.1.1 There is nobody named nobody@demo.test here");

  gtk_editable_set_text (GTK_EDITABLE (to), "Ann <" ANN ">");
  press (send_button);
  wait_for (fixture, has_no_composer);
  wait_for (fixture, has_one);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);
  text = dup_text (find_type (fixture->view, PH_TYPE_MAIL_TEXT_VIEW));
  g_assert_cmpstr (text, ==, "Hi!\n.\nÄ\n");
}

/* V18, V49: nothing that a mail says is markup, wherever it is shown. */
static void
test_no_markup (Fixture      *fixture,
                gconstpointer data)
{
  static const char evil[] = "<span size='99999'>&lt;\342\200\256";
  GtkWidget        *details, *list;
  g_autofree char  *headers = NULL;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, evil, evil);
  wait_for (fixture, has_one);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);

  details = find_type (fixture->view, PH_TYPE_MAIL_DETAILS);
  headers = dup_text (details);
  g_assert_nonnull (strstr (headers, "Subject: <span size='99999'>&lt;\\u202e\n"));
  list = find_type (details, GTK_TYPE_LIST_BOX);
  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL; row = gtk_widget_get_next_sibling (row))
    g_assert_false (adw_preferences_row_get_use_markup (ADW_PREFERENCES_ROW (row)));
}

static gboolean
has_source (Fixture *fixture)
{
  GtkWidget       *pages = get_pages (fixture);
  g_autofree char *text = dup_text (gtk_stack_get_child_by_name (GTK_STACK (pages), "source"));

  return strstr (text, "\nSubject: One\n") != NULL;
}

static gboolean
has_part (Fixture *fixture)
{
  g_autofree char *text = dup_text (find_type (fixture->view, PH_TYPE_MAIL_PARTS));

  return strcmp (text, "Body\n") == 0;
}

static gboolean
has_raw_part (Fixture *fixture)
{
  g_autofree char *text = dup_text (find_type (fixture->view, PH_TYPE_MAIL_PARTS));

  return g_str_has_prefix (text, "Return-Path:");
}

static void
test_pages (Fixture      *fixture,
            gconstpointer data)
{
  GtkWidget *pages, *raw;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  wait_for (fixture, has_one);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);
  pages = get_pages (fixture);

  gtk_stack_set_visible_child_name (GTK_STACK (pages), "source");
  wait_for (fixture, has_source);

  gtk_stack_set_visible_child_name (GTK_STACK (pages), "parts");
  wait_for (fixture, has_part);
  raw = find_button (find_type (fixture->view, PH_TYPE_MAIL_PARTS), NULL, "As Stored");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (raw), TRUE);
  wait_for (fixture, has_raw_part);
  g_assert_true (gtk_widget_is_sensitive (find_button (fixture->view, "parts.save", NULL)));
}

static gboolean
has_two (Fixture *fixture)
{
  return count_messages (fixture) == 2;
}

static GtkWidget *
find_life_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (PH_IS_LIFE_DIALOG (l->data) && gtk_widget_get_mapped (l->data))
      return l->data;

  return NULL;
}

static gboolean
has_life_line (Fixture *fixture)
{
  GtkWidget *dialog = find_life_dialog ();

  return dialog != NULL && find_type (dialog, PH_TYPE_LIFE_ROW) != NULL;
}

static gboolean
shows_session (Fixture *fixture)
{
  return find_life_dialog () == NULL && gtk_widget_get_mapped (find_type (GTK_WIDGET (fixture->window), PH_TYPE_SESSIONS_VIEW));
}

static gboolean
has_logged_two (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (ph_server_get_journal (fixture->server))) == 2;
}

/* From the message to its life line, and to the session that brought it, out of two. */
static void
test_session (Fixture      *fixture,
              gconstpointer data)
{
  GtkWidget         *row, *sessions;
  GtkSelectionModel *selection;
  PhJournalSession  *shown;
  guint64            session;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  send (fixture, "Two", "Body\n");
  wait_for (fixture, has_two);
  gtk_selection_model_select_item (get_selection (fixture), 1, TRUE);
  wait_for (fixture, is_read);
  wait_for (fixture, has_logged_two);
  gtk_stack_set_visible_child_name (GTK_STACK (get_pages (fixture)), "details");
  press (find_button (find_type (fixture->view, PH_TYPE_MAIL_DETAILS), "win.show-life", NULL));
  wait_for (fixture, has_life_line);

  row = find_type (find_life_dialog (), PH_TYPE_LIFE_ROW);
  session = ph_life_row_get_session (PH_LIFE_ROW (row));
  g_assert_cmpuint (session, !=, 0);
  g_signal_emit_by_name (row, "activate");
  wait_for (fixture, shows_session);
  sessions = find_type (GTK_WIDGET (fixture->window), PH_TYPE_SESSIONS_VIEW);
  selection = gtk_list_view_get_model (GTK_LIST_VIEW (find_type (sessions, GTK_TYPE_LIST_VIEW)));
  shown = gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (selection));
  g_assert_cmpuint (ph_journal_session_get_id (shown), ==, session);
}

/* Dropping needs a second program: the signal stands in for it. */
static gboolean
drop (GtkWidget *widget,
      GFile     *file)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  g_autoptr (GSList) files = g_slist_prepend (NULL, file);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean is_taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &is_taken);
    }

  return is_taken;
}

static void
test_dropped (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "dropped.eml", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) nowhere = g_file_new_for_uri ("nosuch://somewhere/mail.eml");

  g_assert_true (g_file_set_contents (path, "From: x@example.org\r\nSubject: Dropped\r\n\r\nBody\r\n", -1, NULL));
  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  wait_for (fixture, has_one);
  g_assert_false (drop (GTK_WIDGET (get_messages (fixture)), nowhere));
  g_assert_true (drop (GTK_WIDGET (get_messages (fixture)), file));
  wait_for (fixture, has_two);
}

static guint
get_flags (Fixture *fixture)
{
  return ph_mail_list_get_flags (ph_mail_messages_get_list (get_messages (fixture)), 0);
}

static gboolean
is_seen (Fixture *fixture)
{
  return get_flags (fixture) == PH_MAIL_SEEN;
}

static gboolean
is_seen_and_flagged (Fixture *fixture)
{
  return get_flags (fixture) == (PH_MAIL_SEEN | PH_MAIL_FLAGGED);
}

static gboolean
is_plain (Fixture *fixture)
{
  return get_flags (fixture) == 0;
}

/* X04, through the buttons. */
static void
test_flags (Fixture      *fixture,
            gconstpointer data)
{
  GtkWidget *read, *flag;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  wait_for (fixture, has_one);
  read = find_button (fixture->view, "mail.toggle-read", NULL);
  flag = find_button (fixture->view, "mail.toggle-flag", NULL);
  g_assert_false (gtk_widget_is_sensitive (read));
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);
  g_assert_true (is_plain (fixture)); /* reading is not \Seen */

  press (read);
  wait_for (fixture, is_seen);
  press (flag);
  wait_for (fixture, is_seen_and_flagged);
  press (flag);
  wait_for (fixture, is_seen);
  press (read);
  wait_for (fixture, is_plain);
}

static gboolean
has_undo (Fixture *fixture)
{
  return find_button (fixture->view, "mail.undo", NULL) != NULL;
}

static void
test_delete_and_undo (Fixture      *fixture,
                      gconstpointer data)
{
  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  wait_for (fixture, has_one);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);
  press (find_button (fixture->view, "mail.delete", NULL));
  wait_for (fixture, has_none);
  g_assert_cmpstr (get_reader_page (fixture), ==, "none");
  wait_for (fixture, has_undo);
  press (find_button (fixture->view, "mail.undo", NULL));
  wait_for (fixture, has_one);
}

static guint32
get_chosen (Fixture *fixture)
{
  g_autoptr (GArray) uids = ph_mail_messages_dup_chosen (get_messages (fixture));

  return uids->len == 1 ? g_array_index (uids, guint32, 0) : 0;
}

static gboolean
has_three (Fixture *fixture)
{
  return count_messages (fixture) == 3;
}

static gboolean
has_chosen_the_first (Fixture *fixture)
{
  return get_chosen (fixture) == 1;
}

/* The next one takes the place of what goes; what comes does not disturb. */
static void
test_next (Fixture      *fixture,
           gconstpointer data)
{
  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  send (fixture, "Two", "Body\n");
  wait_for (fixture, has_two);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  g_assert_cmpuint (get_chosen (fixture), ==, 2);
  send (fixture, "Three", "Body\n");
  wait_for (fixture, has_three);
  g_assert_cmpuint (get_chosen (fixture), ==, 2);
  press (find_button (fixture->view, "mail.delete", NULL));
  wait_for (fixture, has_two);
  wait_for (fixture, has_chosen_the_first);

  /* All of them at once. */
  gtk_selection_model_select_all (get_selection (fixture));
  g_assert_cmpstr (get_reader_page (fixture), ==, "none");
  press (find_button (fixture->view, "mail.delete", NULL));
  wait_for (fixture, has_none);
}

static gboolean
found_nothing (Fixture *fixture)
{
  return strcmp (get_page (GTK_WIDGET (get_messages (fixture))), "none-found") == 0;
}

static void
test_search (Fixture      *fixture,
             gconstpointer data)
{
  GtkEditable *entry;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  send (fixture, "Two", "Body\n");
  wait_for (fixture, has_two);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.search", NULL);
  entry = GTK_EDITABLE (gtk_widget_get_ancestor (gtk_window_get_focus (fixture->window), GTK_TYPE_SEARCH_ENTRY));

  /* The entry may tell late of the text that it was emptied of: what was chosen meanwhile stays. */
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  g_signal_emit_by_name (entry, "search-changed");
  g_assert_cmpuint (get_chosen (fixture), ==, 2);

  gtk_editable_set_text (entry, "subject:two");
  wait_for (fixture, has_one);
  gtk_editable_set_text (entry, "nowhere");
  wait_for (fixture, found_nothing);
  gtk_editable_set_text (entry, "");
  wait_for (fixture, has_two);
}

static gboolean
is_empty_view (Fixture *fixture)
{
  return strcmp (get_page (fixture->view), "empty") == 0;
}

/* The account goes while its message is read. */
static void
test_account_goes (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  add_account (fixture, ANN);
  wait_for (fixture, has_list);
  send (fixture, "One", "Body\n");
  wait_for (fixture, has_one);
  gtk_selection_model_select_item (get_selection (fixture), 0, TRUE);
  wait_for (fixture, is_read);
  ph_server_remove_account_async (fixture->server, ANN, FALSE, NULL, keep_result_cb, &result);
  await (&result);
  g_assert_true (ph_server_account_finish (fixture->server, result, &error));
  wait_for (fixture, is_empty_view);
  g_assert_null (ph_mail_messages_get_list (get_messages (fixture)));
}

#define ADD(name, function) g_test_add ("/app/mail/" name, Fixture, NULL, set_up, function, tear_down)

static int
get_right_edge (GtkWidget *widget,
                GtkWidget *in)
{
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (widget, in, &bounds) ? (int)(bounds.origin.x + bounds.size.width) : -1;
}

/* The envelope stands in the column of the text. */
static void
test_envelope_column (void)
{
  GtkWidget *window = gtk_window_new (), *details = g_object_new (PH_TYPE_MAIL_DETAILS, NULL), *list = find_type (details, GTK_TYPE_LIST_BOX);
  gint64     end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  int        column = ph_column_layout_get_width (details);

  gtk_window_set_default_size (GTK_WINDOW (window), 2400, 300);
  gtk_window_set_child (GTK_WINDOW (window), details);
  gtk_window_present (GTK_WINDOW (window));
  while (gtk_widget_get_width (list) == 0 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gtk_widget_get_width (list), ==, column);
  g_assert_cmpint (get_right_edge (list, details), ==, PH_COLUMN_LAYOUT_MARGIN + column);

  gtk_window_destroy (GTK_WINDOW (window));
}

/* In a narrow window the pages of a message stand on two lines: none is out of sight. */
static void
test_pages_wrap (void)
{
  GtkWidget *window = gtk_window_new (), *reader = g_object_new (PH_TYPE_MAIL_READER, NULL), *switcher = find_type (reader, GTK_TYPE_STACK_SWITCHER);
  gint64     end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  int        widest = 0, width;

  gtk_stack_set_visible_child_name (GTK_STACK (find_type (reader, GTK_TYPE_STACK)), "message");
  for (GtkWidget *button = gtk_widget_get_first_child (switcher); button != NULL; button = gtk_widget_get_next_sibling (button))
    {
      gtk_widget_measure (button, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
      widest = MAX (widest, width);
    }
  gtk_widget_measure (switcher, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  g_assert_cmpint (width, <=, widest + 24); /* its margins */

  gtk_window_set_default_size (GTK_WINDOW (window), 360, 600);
  gtk_window_set_child (GTK_WINDOW (window), reader);
  gtk_window_present (GTK_WINDOW (window));
  while (gtk_widget_get_width (switcher) == 0 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  for (GtkWidget *button = gtk_widget_get_first_child (switcher); button != NULL; button = gtk_widget_get_next_sibling (button))
    g_assert_cmpint (get_right_edge (button, switcher), <=, gtk_widget_get_width (switcher));

  gtk_window_destroy (GTK_WINDOW (window));
}

/* Wherever there is room for more, a line of text ends where the eye still finds the next one. */
static void
test_column (void)
{
  GtkWidget   *window = gtk_window_new (), *text = g_object_new (PH_TYPE_MAIL_TEXT_VIEW, NULL);
  GtkTextView *view = GTK_TEXT_VIEW (find_type (text, GTK_TYPE_TEXT_VIEW));
  gint64       end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  gtk_window_set_default_size (GTK_WINDOW (window), 2400, 300);
  gtk_window_set_child (GTK_WINDOW (window), text);
  gtk_window_present (GTK_WINDOW (window));
  while (gtk_text_view_get_right_margin (view) <= 12 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gtk_text_view_get_right_margin (view), >, 400);
  g_assert_cmpint (gtk_text_view_get_left_margin (view), ==, 12);

  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();

  g_test_add_func ("/app/mail/column", test_column);
  g_test_add_func ("/app/mail/column-of-envelope", test_envelope_column);
  g_test_add_func ("/app/mail/pages-wrap", test_pages_wrap);
  ADD ("no account", test_no_account);
  ADD ("compose", test_compose);
  ADD ("no markup (V18, V49)", test_no_markup);
  ADD ("pages", test_pages);
  ADD ("session", test_session);
  ADD ("dropped", test_dropped);
  ADD ("flags (X04)", test_flags);
  ADD ("delete and undo", test_delete_and_undo);
  ADD ("next", test_next);
  ADD ("search", test_search);
  ADD ("account goes", test_account_goes);

  return g_test_run ();
}
