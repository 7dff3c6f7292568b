/* The live log's view and models, with a journal of their own: following, freezing, filtering. */

#include "ph-explain.h"
#include "ph-follow-model.h"
#include "ph-journal.h"
#include "ph-line-detail.h"
#include "ph-session-list.h"
#include "ph-sessions-view.h"
#include "ph-transcript-row.h"
#include "ph-transcript.h"

#include <adwaita.h>
#include <string.h>

typedef struct
{
  PhJournal        *journal;
  PhJournalSession *session;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhClock) clock = ph_clock_new ();

  fixture->journal = ph_journal_new (clock);
  fixture->session = ph_journal_begin (fixture->journal, "SMTP", FALSE, "192.0.2.1:4321");
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  ph_journal_session_end (fixture->session, NULL);
  g_clear_object (&fixture->session);
  g_clear_object (&fixture->journal);
}

static void
add_lines (Fixture *fixture,
           guint    n)
{
  for (guint i = 0; i < n; i++)
    ph_journal_session_add (fixture->session, i % 2, "RCPT TO:<somebody@example.org>", 30);
  ph_journal_flush (fixture->journal);
}

/* Until `function` says so; not for ever. */
#define wait_until(condition)                                        \
  G_STMT_START                                                       \
  {                                                                  \
    gint64 wait_end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; \
    while (!(condition) && g_get_monotonic_time () < wait_end)       \
      {                                                              \
        while (g_main_context_iteration (NULL, FALSE))               \
          ;                                                          \
        g_usleep (2000);                                             \
      }                                                              \
    g_assert_true (condition);                                       \
  }                                                                  \
  G_STMT_END

static void
spin (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (1000);
    }
}

static GtkWidget *
find_of_type (GtkWidget *widget,
              GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_of_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static GtkAdjustment *
get_adjustment (GtkWidget *transcript)
{
  GtkWidget *list = find_of_type (transcript, GTK_TYPE_LIST_VIEW);

  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
}

/* Pixels between what is seen and the end. */
static double
get_distance (GtkWidget *transcript)
{
  GtkAdjustment *adjustment = get_adjustment (transcript);

  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) - gtk_adjustment_get_value (adjustment);
}

static GtkWidget *
show_transcript (Fixture    *fixture,
                 GtkWidget **window)
{
  GtkWidget *transcript = g_object_new (PH_TYPE_TRANSCRIPT, NULL);

  *window = gtk_window_new ();
  /* A height that is no whole number of rows. */
  gtk_window_set_default_size (GTK_WINDOW (*window), 700, 437);
  gtk_window_set_child (GTK_WINDOW (*window), transcript);
  gtk_window_present (GTK_WINDOW (*window));
  gtk_test_widget_wait_for_draw (*window);
  ph_transcript_set_lines (PH_TRANSCRIPT (transcript), ph_journal_get_all_lines (fixture->journal), TRUE);

  return transcript;
}

static void
test_the_end_is_reached_after_each_batch (Fixture      *fixture,
                                          gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  GtkWidget *window, *transcript = show_transcript (fixture, &window);

  for (guint i = 0; i < 60; i++)
    {
      add_lines (fixture, (guint)g_rand_int_range (random, 1, i % 3 == 0 ? 400 : 5));
      spin (20);
      wait_until (get_distance (transcript) < 1);
      g_assert_true (ph_transcript_get_following (PH_TRANSCRIPT (transcript)));
    }

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_a_reader_is_left_alone (Fixture      *fixture,
                             gconstpointer data)
{
  GtkWidget *window, *transcript = show_transcript (fixture, &window);
  double     value;

  add_lines (fixture, 500);
  wait_until (get_distance (transcript) < 1 && gtk_adjustment_get_value (get_adjustment (transcript)) > 1000);

  value = gtk_adjustment_get_value (get_adjustment (transcript)) - 300;
  gtk_adjustment_set_value (get_adjustment (transcript), value);
  wait_until (!ph_transcript_get_following (PH_TRANSCRIPT (transcript)));
  add_lines (fixture, 200);
  spin (100);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (get_adjustment (transcript)), value, 1.0);

  gtk_widget_activate_action (transcript, "transcript.follow", NULL);
  wait_until (get_distance (transcript) < 1 && ph_transcript_get_following (PH_TRANSCRIPT (transcript)));

  gtk_window_destroy (GTK_WINDOW (window));
}

/* Scrolling down to the end is as good as the button. */
static void
test_the_end_follows_again (Fixture      *fixture,
                            gconstpointer data)
{
  GtkWidget     *window, *transcript = show_transcript (fixture, &window);
  GtkAdjustment *adjustment;

  add_lines (fixture, 300);
  wait_until (get_distance (transcript) < 1 && gtk_adjustment_get_value (get_adjustment (transcript)) > 1000);
  adjustment = get_adjustment (transcript);
  gtk_adjustment_set_value (adjustment, 0);
  wait_until (!ph_transcript_get_following (PH_TRANSCRIPT (transcript)));
  spin (50);
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  wait_until (ph_transcript_get_following (PH_TRANSCRIPT (transcript)));

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
add_part (Fixture       *fixture,
          PhJournalVoice voice,
          const char    *text,
          gboolean       is_last)
{
  ph_journal_session_add_part (fixture->session, voice, text, strlen (text), is_last);
}

/* The row that shows the text, or NULL. */
static GtkWidget *
find_row (GtkWidget  *widget,
          const char *text)
{
  if (PH_IS_TRANSCRIPT_ROW (widget))
    {
      GtkWidget  *inscription = find_of_type (widget, GTK_TYPE_INSCRIPTION);
      const char *shown = gtk_inscription_get_text (GTK_INSCRIPTION (inscription));

      return gtk_widget_get_mapped (widget) && shown != NULL && strstr (shown, text) != NULL ? widget : NULL;
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
has_label (GtkWidget  *widget,
           const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && g_strcmp0 (gtk_label_get_label (GTK_LABEL (widget)), text) == 0)
    return TRUE;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (has_label (child, text))
      return TRUE;

  return FALSE;
}

/* A reply of several lines is a row, which says what it comes to; chosen, it is there in full. */
static void
test_replies_are_folded (Fixture      *fixture,
                         gconstpointer data)
{
  GtkWidget         *window, *transcript = show_transcript (fixture, &window);
  GtkSelectionModel *model = gtk_list_view_get_model (GTK_LIST_VIEW (find_of_type (transcript, GTK_TYPE_LIST_VIEW)));
  g_autoptr (PhJournalLine) line = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  ph_journal_session_add (fixture->session, PH_JOURNAL_CLIENT, "EHLO x", 6);
  add_part (fixture, PH_JOURNAL_SERVER, "250-mail.example.org", FALSE);
  add_part (fixture, PH_JOURNAL_SERVER, "250-PIPELINING", FALSE);
  add_part (fixture, PH_JOURNAL_SERVER, "250 HELP", TRUE);
  ph_journal_flush (fixture->journal);
  wait_until (find_row (transcript, "250-mail.example.org … 3 lines, 48 bytes, in ") != NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2);
  g_assert_null (find_row (transcript, "PIPELINING"));

  gtk_selection_model_select_item (model, 1, TRUE);
  wait_until (has_label (transcript, "250-mail.example.org\n250-PIPELINING\n250 HELP"));

  line = g_list_model_get_item (G_LIST_MODEL (model), 1);
  ph_transcript_row_append_text (text, line, FALSE);
  g_assert_nonnull (strstr (text->str, "Server  250-mail.example.org\n"));
  g_assert_true (g_str_has_suffix (text->str, "Server  250 HELP"));

  gtk_window_destroy (GTK_WINDOW (window));
}

/* A note of several lines is shown whole, and its row may be another's later. */
static void
test_tls_is_a_block (Fixture      *fixture,
                     gconstpointer data)
{
  GtkWidget *window, *transcript = show_transcript (fixture, &window), *row;

  ph_journal_session_add (fixture->session, PH_JOURNAL_CLIENT, "STARTTLS", 8);
  add_part (fixture, PH_JOURNAL_NOTE, "TLS begins", FALSE);
  add_part (fixture, PH_JOURNAL_NOTE, "Version and cipher: TLS1.3", FALSE);
  add_part (fixture, PH_JOURNAL_NOTE, "Name asked for (SNI): none", TRUE);
  ph_journal_session_add (fixture->session, PH_JOURNAL_CLIENT, "EHLO again", 10);
  ph_journal_flush (fixture->journal);

  wait_until ((row = find_row (transcript, "TLS begins")) != NULL);
  g_assert_true (gtk_widget_has_css_class (row, "block"));
  g_assert_true (has_label (row, "Version and cipher: TLS1.3\nName asked for (SNI): none"));
  g_assert_false (gtk_widget_has_css_class (find_row (transcript, "EHLO again"), "block"));

  /* Enough others for each row to be used again. */
  for (guint i = 0; i < 10; i++)
    {
      add_lines (fixture, 100);
      spin (20);
    }
  wait_until (get_distance (transcript) < 1 && find_row (transcript, "TLS begins") == NULL);
  g_assert_false (has_label (transcript, "Version and cipher: TLS1.3\nName asked for (SNI): none"));

  gtk_window_destroy (GTK_WINDOW (window));
}

/* The finer code has its meaning, too, each with where that is written. */
static void
test_codes (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char *service;
    const char *text;
    const char *meaning; /* the end of it, NULL for none */
  } rows[] = {
    { "SMTP", "550 5.1.1 Nobody", "\n5.1.1: There is no such mailbox in this domain. (RFC 3463, 3.2)" },
    { "SMTP", "550-5.7.23 No\n550 5.7.23 No", "\n5.7.23: The sender’s domain does not allow this client to send for it (SPF). (RFC 7372, 3.2)" },
    { "Submission", "552 5.7.16 No", "\n5.7.16: The account has as many messages as it may that wait for their time. (RFC 4865, 6)" },
    { "Submission", "235 2.7.0 Welcome", "(RFC 4954, 6)" },
    { "SMTP", "550 4.1.1 Nobody", "It goes back to its sender. (RFC 5321, 4.2.3)" },
    { "SMTP", "550 5.1", "It goes back to its sender. (RFC 5321, 4.2.3)" },
    { "SMTP", "550", "It goes back to its sender. (RFC 5321, 4.2.3)" },
    { "SMTP", "5", NULL },
    { "SMTP", "", NULL },
    { "POP3", "-ERR [IN-USE] Not now", "\nIN-USE: Another session has this mailbox open. (RFC 2449, 8.1.2)" },
    { "POP3", "-ERR Not [IN-USE", "(RFC 1939, 3)" },
    { "IMAP", "a1 NO [OVERQUOTA] Full", "\nOVERQUOTA: There is no room left for the account. (RFC 5530, 3)" },
    { "IMAP", "a1 NO [METADATA TOOMANY] Too many", "or there are too many. (RFC 5464, 4.3)" },
    { "IMAP", "* OK [UIDNEXT 7] Next", "\nUIDNEXT: The number that the next new message gets. (RFC 9051, 7.1)" },
    { "IMAP", "a1 NO It has a name [LIMIT] in it", "(RFC 9051, 7.1.2)" },
    { "IMAP", "* 1 FETCH (BODY[TEXT] {3}", "(RFC 9051, 7.5.2)" },
    { "IMAP", "[", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhJournalSession) session = ph_journal_begin (fixture->journal, rows[i].service, FALSE, NULL);
      g_autoptr (PhJournalLine) line = NULL;
      g_autofree char *meaning = NULL;

      ph_journal_session_add (session, PH_JOURNAL_SERVER, rows[i].text, strlen (rows[i].text));
      ph_journal_flush (fixture->journal);
      line = g_list_model_get_item (ph_journal_session_get_lines (session), 0);
      meaning = ph_explain_line (line);
      g_test_message ("%s: %s", rows[i].text, meaning);
      if (rows[i].meaning == NULL)
        g_assert_null (meaning);
      else
        g_assert_true (g_str_has_suffix (meaning, rows[i].meaning));
      ph_journal_session_end (session, NULL);
    }
}

/* The server's notes before its reply, where there are some, under it; and all of it is in sight. */
static void
test_why (Fixture      *fixture,
          gconstpointer data)
{
  GtkWidget         *window, *transcript = show_transcript (fixture, &window);
  GtkSelectionModel *model = gtk_list_view_get_model (GTK_LIST_VIEW (find_of_type (transcript, GTK_TYPE_LIST_VIEW)));
  GtkWidget         *detail = find_of_type (transcript, PH_TYPE_LINE_DETAIL);
  int                low;

  ph_journal_session_add (fixture->session, PH_JOURNAL_CLIENT, "RCPT TO:<x@y.example>", 21);
  ph_journal_session_note (fixture->session, "%s", "It is not a domain of this server");
  ph_journal_session_add (fixture->session, PH_JOURNAL_SERVER, "550 5.7.1 No", 12);
  ph_journal_flush (fixture->journal);
  wait_until (find_row (transcript, "550 5.7.1") != NULL);

  gtk_selection_model_select_item (model, 0, TRUE);
  wait_until (has_label (transcript, "RCPT TO:<x@y.example>"));
  g_assert_false (has_label (transcript, "Why"));
  wait_until (gtk_widget_get_height (detail) > 20);
  spin (400);
  low = gtk_widget_get_height (detail);
  gtk_selection_model_select_item (model, 2, TRUE);
  wait_until (has_label (transcript, "It is not a domain of this server"));
  g_assert_true (has_label (transcript, "Why"));
  wait_until (gtk_widget_get_height (detail) > low + 20);

  gtk_window_destroy (GTK_WINDOW (window));
}

/* Models */

static void
count_cb (GListModel *model,
          guint       position,
          guint       removed,
          guint       added,
          guint      *n_items)
{
  *n_items = *n_items - removed + added;
  g_assert_cmpuint (*n_items, ==, g_list_model_get_n_items (model));
}

static void
test_a_frozen_model_counts (void)
{
  g_autoptr (PhFollowModel) model = ph_follow_model_new ();
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);
  const char *const three[] = { "a", "b", "c", NULL };
  guint             n_items = 0;

  g_signal_connect (model, "items-changed", G_CALLBACK (count_cb), &n_items);
  ph_follow_model_set_model (model, G_LIST_MODEL (strings));
  gtk_string_list_splice (strings, 0, 0, three);
  g_assert_cmpuint (n_items, ==, 3);

  ph_follow_model_set_following (model, FALSE);
  gtk_string_list_splice (strings, 3, 0, three);
  g_assert_cmpuint (n_items, ==, 3);
  g_assert_cmpuint (ph_follow_model_get_n_new (model), ==, 3);

  /* What goes at the front goes here too, frozen or not. */
  gtk_string_list_splice (strings, 0, 2, NULL);
  g_assert_cmpuint (n_items, ==, 1);
  g_assert_cmpuint (ph_follow_model_get_n_new (model), ==, 3);
  gtk_string_list_splice (strings, 0, 3, NULL);
  g_assert_cmpuint (n_items, ==, 0);
  g_assert_cmpuint (ph_follow_model_get_n_new (model), ==, 1);

  ph_follow_model_set_following (model, TRUE);
  g_assert_cmpuint (n_items, ==, 1);
  g_assert_cmpuint (ph_follow_model_get_n_new (model), ==, 0);
}

static void
add_session (PhJournal  *journal,
             const char *service,
             gboolean    outgoing,
             const char *line,
             const char *cause)
{
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, service, outgoing, "192.0.2.9:25");

  ph_journal_session_add (session, PH_JOURNAL_CLIENT, line, strlen (line));
  ph_journal_session_end (session, cause);
}

static guint
count (PhSessionList *list,
       PhSessionKinds kinds)
{
  ph_session_list_set_kinds (list, kinds);

  return g_list_model_get_n_items (G_LIST_MODEL (list));
}

static void
test_filters_hide (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhSessionList) list = ph_session_list_new ();
  guint n_items = 0, n_total;

  g_signal_connect (list, "items-changed", G_CALLBACK (count_cb), &n_items);
  ph_session_list_set_sessions (list, G_LIST_MODEL (fixture->journal));
  add_session (fixture->journal, "Submission", FALSE, "EHLO needle", NULL);
  add_session (fixture->journal, "IMAP", FALSE, "a LOGIN", "the peer closed the connection");
  add_session (fixture->journal, "POP3", FALSE, "CAPA", NULL);
  add_session (fixture->journal, "SMTP", TRUE, "QUIT", NULL);
  ph_journal_flush (fixture->journal);

  g_assert_cmpuint (count (list, 0), ==, 5);
  g_assert_cmpuint (count (list, PH_SESSION_IMAP), ==, 1);
  g_assert_cmpuint (count (list, PH_SESSION_IMAP | PH_SESSION_POP3), ==, 2);
  g_assert_cmpuint (count (list, PH_SESSION_SMTP), ==, 1);
  g_assert_cmpuint (count (list, PH_SESSION_OUT), ==, 1);
  g_assert_cmpuint (count (list, PH_SESSION_FAILED), ==, 1);
  g_assert_cmpuint (count (list, PH_SESSION_RUNNING), ==, 1);
  g_assert_cmpuint (count (list, PH_SESSION_POP3 | PH_SESSION_FAILED), ==, 0);
  g_object_get (list, "n-total", &n_total, NULL);
  g_assert_cmpuint (n_total, ==, 5);

  g_assert_cmpuint (count (list, 0), ==, 5);
  ph_session_list_set_text (list, "NEEDLE");
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (list)) == 1);
  ph_session_list_set_text (list, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 5);
  ph_session_list_set_sessions (list, NULL);
}

static void
test_a_held_list_waits (Fixture      *fixture,
                        gconstpointer data)
{
  g_autoptr (PhSessionList) list = ph_session_list_new ();
  guint n_waiting;

  ph_journal_flush (fixture->journal);
  ph_session_list_set_sessions (list, G_LIST_MODEL (fixture->journal));
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (list)) == 1);
  ph_session_list_set_held (list, TRUE);
  add_session (fixture->journal, "IMAP", FALSE, "a LOGIN", NULL);
  add_session (fixture->journal, "IMAP", FALSE, "a LOGIN", NULL);
  ph_journal_flush (fixture->journal);
  wait_until ((g_object_get (list, "n-waiting", &n_waiting, NULL), n_waiting == 2));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  ph_session_list_set_held (list, FALSE);
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (list)) == 3);
  ph_session_list_set_sessions (list, NULL);
}

/* Led to from the life line: the list may not have taken it in, for it does so ten times a second at most. */
static void
test_one_just_begun_is_shown (Fixture      *fixture,
                              gconstpointer data)
{
  g_autoptr (PhSessionsView) view = g_object_ref_sink (g_object_new (PH_TYPE_SESSIONS_VIEW, NULL));
  g_autoptr (PhJournalSession) second = NULL;
  GtkListView *list = GTK_LIST_VIEW (find_of_type (GTK_WIDGET (view), GTK_TYPE_LIST_VIEW));
  GListModel  *model = G_LIST_MODEL (gtk_list_view_get_model (list));

  ph_sessions_view_set_journal (view, fixture->journal);
  wait_until (g_list_model_get_n_items (model) == 1);
  second = ph_journal_begin (fixture->journal, "SMTP", FALSE, "192.0.2.2:4321");
  ph_journal_flush (fixture->journal);
  ph_sessions_view_show (view, second);
  g_assert_true (gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (model)) == second);
  ph_journal_session_end (second, NULL);
}

static GtkWidget *
find_label (GtkWidget  *widget,
            const char *text)
{
  if (GTK_IS_LABEL (widget) && strcmp (gtk_label_get_label (GTK_LABEL (widget)), text) == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* What the ring let go of is said, and nothing while it has all. */
static void
test_dropped_is_said (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (PhSessionsView) view = g_object_ref_sink (g_object_new (PH_TYPE_SESSIONS_VIEW, NULL));

  ph_sessions_view_set_journal (view, fixture->journal);
  g_assert_false (gtk_widget_get_visible (find_label (GTK_WIDGET (view), "0 older sessions were dropped")));
  ph_journal_set_limits (fixture->journal, 2, 1000, 1 << 20);
  for (guint i = 0; i < 4; i++)
    add_session (fixture->journal, "POP3", FALSE, "QUIT", NULL);
  ph_journal_flush (fixture->journal);
  wait_until (find_label (GTK_WIDGET (view), "3 older sessions were dropped") != NULL);
  g_assert_true (gtk_widget_get_visible (find_label (GTK_WIDGET (view), "3 older sessions were dropped")));
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();

  ADD ("/app/transcript/end-is-reached-after-each-batch", test_the_end_is_reached_after_each_batch);
  ADD ("/app/transcript/reader-is-left-alone", test_a_reader_is_left_alone);
  ADD ("/app/transcript/end-follows-again", test_the_end_follows_again);
  ADD ("/app/transcript/replies-are-folded", test_replies_are_folded);
  ADD ("/app/transcript/tls-is-a-block", test_tls_is_a_block);
  ADD ("/app/transcript/codes", test_codes);
  ADD ("/app/transcript/why", test_why);
  g_test_add_func ("/app/follow-model/frozen-counts", test_a_frozen_model_counts);
  ADD ("/app/session-list/filters-hide", test_filters_hide);
  ADD ("/app/session-list/held-waits", test_a_held_list_waits);

  ADD ("/app/sessions-view/just-begun", test_one_just_begun_is_shown);
  ADD ("/app/sessions-view/dropped", test_dropped_is_said);

  return g_test_run ();
}
