#include "ph-journal.h"

#include <string.h>

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

/* A copy of a model kept by its items-changed alone; any lie in them shows. */
typedef struct
{
  GListModel *model;
  GPtrArray  *texts;
  guint       n_signals;
} Mirror;

static char *
dup_text (GListModel *model,
          guint       position)
{
  g_autoptr (GObject) item = g_list_model_get_item (model, position);

  g_assert_nonnull (item);
  if (PH_IS_JOURNAL_LINE (item))
    return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", ph_journal_session_get_id (ph_journal_line_get_session (PH_JOURNAL_LINE (item))),
                            ph_journal_line_get_text (PH_JOURNAL_LINE (item)));

  return g_strdup_printf ("%" G_GUINT64_FORMAT, ph_journal_session_get_id (PH_JOURNAL_SESSION (item)));
}

static void
mirror_changed_cb (GListModel *model,
                   guint       position,
                   guint       removed,
                   guint       added,
                   gpointer    data)
{
  Mirror *mirror = data;

  mirror->n_signals++;
  g_assert_cmpuint (position + removed, <=, mirror->texts->len);
  if (removed > 0)
    g_ptr_array_remove_range (mirror->texts, position, removed);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, mirror->texts->len + added);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (mirror->texts, (gint)(position + i), dup_text (model, position + i));
}

static void
mirror_init (Mirror     *mirror,
             GListModel *model)
{
  mirror->model = model;
  mirror->n_signals = 0;
  mirror->texts = g_ptr_array_new_with_free_func (g_free);
  mirror_changed_cb (model, 0, 0, g_list_model_get_n_items (model), mirror);
  g_signal_connect (model, "items-changed", G_CALLBACK (mirror_changed_cb), mirror);
}

static void
mirror_check (Mirror *mirror)
{
  g_assert_cmpuint (g_list_model_get_n_items (mirror->model), ==, mirror->texts->len);
  for (guint i = 0; i < mirror->texts->len; i++)
    {
      g_autofree char *text = dup_text (mirror->model, i);

      g_assert_cmpstr (text, ==, g_ptr_array_index (mirror->texts, i));
    }
}

static void
mirror_clear (Mirror *mirror)
{
  g_signal_handlers_disconnect_by_data (mirror->model, mirror);
  g_ptr_array_unref (mirror->texts);
}

static void
add (PhJournalSession *session,
     PhJournalVoice    voice,
     const char       *text)
{
  ph_journal_session_add (session, voice, text, strlen (text));
}

static void
assert_line (GListModel *model,
             guint       position,
             const char *text)
{
  g_autoptr (PhJournalLine) line = g_list_model_get_item (model, position);

  g_assert_nonnull (line);
  g_assert_cmpstr (ph_journal_line_get_text (line), ==, text);
}

static guint64
get_count (gpointer    object,
           const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_object_get_property (object, name, &value);

  return g_value_get_uint64 (&value);
}

static void
test_order (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  GListModel *all = ph_journal_get_all_lines (journal);
  g_autoptr (PhJournalSession) a = ph_journal_begin (journal, "SMTP", FALSE, "127.0.0.1:1");
  g_autoptr (PhJournalSession) b = ph_journal_begin (journal, "IMAP", FALSE, NULL);
  g_autoptr (PhJournalLine) line = NULL;
  GListModel *lines = ph_journal_session_get_lines (b);
  Mirror      mirror;

  mirror_init (&mirror, all);
  add (a, PH_JOURNAL_SERVER, "220 hello");
  ph_clock_advance (clock, 1500);
  add (b, PH_JOURNAL_SERVER, "* OK");
  ph_clock_advance (clock, 2500);
  add (a, PH_JOURNAL_CLIENT, "EHLO x");
  ph_journal_session_add_folded (b, PH_JOURNAL_CLIENT, "message", 1234567);
  ph_journal_session_note (a, "limit %d", 7);

  /* Nothing is announced before the batch is due, all of it in one signal after. */
  g_assert_cmpuint (g_list_model_get_n_items (all), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 0);
  ph_clock_advance (clock, 50 * 1000);
  g_assert_cmpuint (mirror.n_signals, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 2);
  mirror_check (&mirror);

  assert_line (all, 0, "220 hello");
  assert_line (all, 1, "* OK");
  assert_line (all, 2, "EHLO x");
  assert_line (all, 3, "message, 1,234,567 bytes in 2 ms");
  assert_line (all, 4, "limit 7");
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 2);
  assert_line (lines, 1, "message, 1,234,567 bytes in 2 ms");
  g_assert_null (g_list_model_get_item (all, 5));

  line = g_list_model_get_item (all, 2);
  g_assert_cmpint (ph_journal_line_get_time (line), ==, START + 4000);
  g_assert_cmpint (ph_journal_line_get_elapsed (line), ==, 4000);
  g_assert_cmpuint (ph_journal_line_get_voice (line), ==, PH_JOURNAL_CLIENT);
  g_assert_true (ph_journal_line_get_session (line) == a);
  mirror_clear (&mirror);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          gpointer    data)
{
  ++*(guint *)data;
}

static void
test_properties (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, "[::1]:25");
  g_autofree char *last_line = NULL, *client_name = NULL, *cause = NULL;
  g_auto (GStrv) findings = NULL;
  guint  n_notified = 0, state, n_messages, n_findings;
  gint64 ended;

  g_signal_connect (session, "notify::n-messages", G_CALLBACK (count_cb), &n_notified);
  for (guint i = 0; i < 100; i++)
    ph_journal_session_add_message (session);
  ph_journal_session_set_client_name (session, "evil\r\n\x1b[2J\xe2\x80\xae<b>");
  ph_journal_session_add_bytes (session, 10, 20);
  ph_journal_session_add_finding (session, "bare LF");
  ph_journal_session_add_finding (session, "bare LF");
  g_assert_cmpuint (n_notified, ==, 0);
  ph_clock_advance (clock, 60 * 1000);
  g_assert_cmpuint (n_notified, ==, 1);
  ph_journal_session_end (session, "client closed after 354");
  ph_journal_session_end (session, NULL);

  g_object_get (session, "last-line", &last_line, "client-name", &client_name, "cause", &cause, "state", &state,
                "n-messages", &n_messages, "n-findings", &n_findings, "ended", &ended, NULL);
  g_assert_cmpstr (last_line, ==, "Finding: bare LF");
  g_assert_cmpstr (client_name, ==, "evil␍␊␛[2J\\u202e<b>");
  g_assert_cmpstr (cause, ==, "client closed after 354");
  g_assert_cmpuint (state, ==, PH_JOURNAL_FAILED);
  g_assert_cmpuint (n_messages, ==, 100);
  g_assert_cmpuint (n_findings, ==, 1);
  g_assert_cmpint (ended, ==, START + 60 * 1000);
  findings = ph_journal_session_dup_findings (session);
  g_assert_cmpuint (g_strv_length (findings), ==, 1);
  g_assert_cmpuint (get_count (session, "bytes-out"), ==, 20);
}

/* V18 */
static void
test_escapes (void)
{
  static const struct
  {
    const char *bytes;
    gsize       length;
    const char *text;
  } rows[] = {
    { "", 0, "" },
    { "plain ~", 7, "plain ~" },
    { "a\r", 2, "a␍" },
    { "a\n", 2, "a␊" },
    { "\tx\0y\x7f", 5, "␉x␀y␡" },
    { "\x1b[2J", 4, "␛[2J" },
    { "\xc3\xa9", 2, "é" },
    { "\xc3", 1, "\\xc3" },
    { "\xff\xfe", 2, "\\xff\\xfe" },
    { "\xc0\x80", 2, "\\xc0\\x80" },          /* overlong NUL */
    { "\xed\xa0\x80", 3, "\\xed\\xa0\\x80" }, /* a surrogate */
    { "\xe2\x80\xae"
      "abc",
      6, "\\u202eabc" },                                 /* right-to-left override */
    { "\xe2\x81\xa6\xe2\x81\xa9", 6, "\\u2066\\u2069" }, /* isolates */
    { "\xe2\x80\xa8", 3, "\\u2028" },                    /* line separator */
    { "\xc2\x85", 2, "\\u0085" },                        /* next line */
    { "\xef\xbb\xbf", 3, "\\ufeff" },                    /* byte order mark */
    { "<b>&amp;", 8, "<b>&amp;" },
  };
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, NULL);
  g_autoptr (PhJournalLine) line = NULL;
  GListModel   *lines;
  const guint8 *bytes;
  gsize         length;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    ph_journal_session_add (session, PH_JOURNAL_CLIENT, rows[i].bytes, rows[i].length);
  lines = ph_journal_session_get_lines (session);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_line (lines, i, rows[i].text);

  line = g_list_model_get_item (lines, 4);
  bytes = ph_journal_line_get_bytes (line, &length);
  g_assert_cmpmem (bytes, length, "\tx\0y\x7f", 5);
}

static void
test_cut (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, NULL);
  g_autofree char *data = g_strnfill (100000, 'x');
  g_autofree char *expected = NULL;
  GListModel      *lines = ph_journal_session_get_lines (session);

  ph_journal_session_add (session, PH_JOURNAL_CLIENT, data, PH_JOURNAL_LINE_MAX);
  ph_journal_session_add (session, PH_JOURNAL_CLIENT, data, 100000);
  memcpy (data + PH_JOURNAL_LINE_MAX - 1, "é", 2);
  ph_journal_session_add (session, PH_JOURNAL_CLIENT, data, 5000);
  ph_journal_flush (journal);

  data[PH_JOURNAL_LINE_MAX - 1] = 'x';
  expected = g_strdup_printf ("%.*s", PH_JOURNAL_LINE_MAX, data);
  expected[PH_JOURNAL_LINE_MAX - 1] = 'x';
  assert_line (lines, 0, expected);
  g_free (expected);
  expected = g_strdup_printf ("%.*s… (100,000 bytes)", PH_JOURNAL_LINE_MAX, data);
  assert_line (lines, 1, expected);
  g_free (expected);
  expected = g_strdup_printf ("%.*s… (5,000 bytes)", PH_JOURNAL_LINE_MAX - 1, data);
  assert_line (lines, 2, expected);
}

static void
add_part (PhJournalSession *session,
          PhJournalVoice    voice,
          const char       *text,
          gboolean          is_last)
{
  ph_journal_session_add_part (session, voice, text, strlen (text), is_last);
}

/* A reply of several lines is one line of the transcript, with all its lines in it. */
static void
test_parts (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, NULL);
  GListModel *lines = ph_journal_session_get_lines (session);
  g_autoptr (PhJournalLine) line = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  g_autofree char *text = NULL;
  g_autofree char *json = NULL;
  g_autofree char *markdown = NULL;
  gsize            length;
  const guint8    *bytes;

  add (session, PH_JOURNAL_CLIENT, "EHLO x");
  ph_clock_advance (clock, 1000);
  add_part (session, PH_JOURNAL_SERVER, "250-a\t", FALSE);
  add_part (session, PH_JOURNAL_SERVER, "250-b<", FALSE);
  ph_journal_flush (journal);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 1);
  ph_clock_advance (clock, 1500);
  add_part (session, PH_JOURNAL_SERVER, "250 c", TRUE);
  ph_journal_flush (journal);

  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 2);
  line = g_list_model_get_item (lines, 1);
  g_assert_cmpstr (ph_journal_line_get_text (line), ==, "250-a␉\n250-b<\n250 c");
  g_assert_cmpuint (ph_journal_line_get_n_lines (line), ==, 3);
  g_assert_cmpuint (ph_journal_line_get_n_bytes (line), ==, strlen ("250-a\t\r\n250-b<\r\n250 c\r\n"));
  g_assert_cmpint (ph_journal_line_get_elapsed (line), ==, 2500);
  bytes = ph_journal_line_get_bytes (line, &length);
  g_assert_cmpmem (bytes, length, "250-a\t\r\n250-b<\r\n250 c", strlen ("250-a\t\r\n250-b<\r\n250 c"));
  first = ph_journal_line_dup_first (line);
  g_assert_cmpstr (first, ==, "250-a␉ …");
  g_object_get (session, "last-line", &last, NULL);
  g_assert_cmpstr (last, ==, "250-a␉ …");

  text = ph_journal_session_export (session, PH_JOURNAL_EXPORT_TEXT);
  g_assert_true (g_str_has_suffix (text, "Z C: EHLO x\n"
                                         "2023-11-14T22:13:20.002500Z S: 250-a␉\n"
                                         "2023-11-14T22:13:20.002500Z S: 250-b<\n"
                                         "2023-11-14T22:13:20.002500Z S: 250 c\n"));
  json = ph_journal_session_export (session, PH_JOURNAL_EXPORT_JSON_LINES);
  g_assert_true (g_str_has_suffix (json, "\"elapsed\":0.002500,\"voice\":\"server\",\"text\":\"250-a␉\\u000a250-b<\\u000a250 c\"}\n"));
  markdown = ph_journal_session_export (session, PH_JOURNAL_EXPORT_MARKDOWN);
  g_assert_nonnull (strstr (markdown, "    S->>C: 250-a␉<br/>250-b#60;<br/>250 c\n"));
}

/* What never comes to its last line is not lost, and nothing that comes between is moved. */
static void
test_parts_interrupted (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP out", TRUE, NULL);
  g_autoptr (PhJournalSession) dropped = ph_journal_begin (journal, "SMTP out", TRUE, NULL);
  GListModel *lines = ph_journal_session_get_lines (session);
  g_autoptr (PhJournalLine) line = NULL;

  add_part (session, PH_JOURNAL_SERVER, "250-a", FALSE);
  add_part (session, PH_JOURNAL_SERVER, "250-b", FALSE);
  add_part (session, PH_JOURNAL_NOTE, "TLS begins", FALSE);
  add_part (session, PH_JOURNAL_NOTE, "a\nb\n", TRUE);
  add_part (session, PH_JOURNAL_SERVER, "250-c", FALSE);
  ph_journal_session_note (session, "over");
  add_part (session, PH_JOURNAL_SERVER, "250-d", FALSE);
  ph_journal_session_end (session, "gone");
  add_part (session, PH_JOURNAL_SERVER, "alone", TRUE);
  add_part (dropped, PH_JOURNAL_SERVER, "250-never", FALSE);
  ph_journal_session_add_part (NULL, PH_JOURNAL_SERVER, "x", 1, FALSE);
  ph_journal_flush (journal);

  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 6);
  assert_line (lines, 0, "250-a\n250-b");
  assert_line (lines, 1, "TLS begins\na␊b␊");
  assert_line (lines, 2, "250-c");
  assert_line (lines, 3, "over");
  assert_line (lines, 4, "250-d");
  assert_line (lines, 5, "alone");
  line = g_list_model_get_item (lines, 2);
  g_assert_cmpuint (ph_journal_line_get_n_lines (line), ==, 1);
}

/* However long it is, it takes no more room than a long line. */
static void
test_parts_cut (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "POP3", FALSE, NULL);
  GListModel *lines = ph_journal_session_get_lines (session);

  for (guint size = 90; size < 110; size++)
    {
      g_autofree char *row = g_strnfill (size, 'x');
      g_autoptr (PhJournalLine) line = NULL;
      g_autofree char *end = g_strdup_printf ("… (%u,%03u bytes)", (1000 * size + 999 * 2) / 1000, (1000 * size + 999 * 2) % 1000);
      g_auto (GStrv) rows = NULL;
      gsize length;

      for (guint i = 0; i < 1000; i++)
        add_part (session, PH_JOURNAL_SERVER, row, i == 999);
      ph_journal_flush (journal);

      line = g_list_model_get_item (lines, size - 90);
      g_assert_true (g_str_has_suffix (ph_journal_line_get_text (line), end));
      g_assert_cmpuint (ph_journal_line_get_n_lines (line), ==, 1000);
      g_assert_cmpuint (ph_journal_line_get_n_bytes (line), ==, 1000 * (size + 2));
      ph_journal_line_get_bytes (line, &length);
      g_assert_cmpuint (length, <=, PH_JOURNAL_LINE_MAX);
      rows = g_strsplit (ph_journal_line_get_text (line), "\n", -1);
      g_assert_cmpuint (g_strv_length (rows), >=, PH_JOURNAL_LINE_MAX / (size + 2));
      for (guint i = 0; rows[i + 1] != NULL; i++)
        g_assert_cmpstr (rows[i], ==, row);
    }
}

static char *
dup_reasons (GListModel *lines,
             guint       position)
{
  g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, position);
  g_auto (GStrv) reasons = ph_journal_line_dup_reasons (line);

  return g_strjoinv ("|", reasons);
}

static void
assert_reasons (GListModel *lines,
                guint       position,
                const char *expected)
{
  g_autofree char *reasons = dup_reasons (lines, position);

  g_assert_cmpstr (reasons, ==, expected);
}

/* What the server notes right before it answers is why. */
static void
test_reasons (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, NULL);
  g_autoptr (PhJournalSession) other = ph_journal_begin (journal, "SMTP", TRUE, NULL);
  GListModel *lines = ph_journal_session_get_lines (session);
  GListModel *all = ph_journal_get_all_lines (journal);
  g_autoptr (PhJournalLine) kept = NULL;
  g_auto (GStrv) gone = NULL;
  g_autofree char *many = NULL;

  ph_journal_session_note (session, "first");
  add (session, PH_JOURNAL_SERVER, "220 hello");
  add (session, PH_JOURNAL_CLIENT, "RCPT");
  ph_journal_session_note (session, "a");
  ph_journal_session_note (other, "not this session's");
  ph_journal_session_note (session, "b\n");
  add (session, PH_JOURNAL_SERVER, "550 no");
  ph_clock_advance (clock, 1);
  add (session, PH_JOURNAL_SERVER, "550 no");
  add_part (session, PH_JOURNAL_NOTE, "TLS begins", FALSE);
  add_part (session, PH_JOURNAL_NOTE, "with it", TRUE);
  add (session, PH_JOURNAL_SERVER, "220 hello");
  ph_journal_session_note (other, "DNS");
  add (other, PH_JOURNAL_SERVER, "550 no");
  for (guint i = 0; i < 100; i++)
    ph_journal_session_note (session, "%u", i);
  add (session, PH_JOURNAL_SERVER, "250 yes");
  ph_journal_flush (journal);

  assert_reasons (lines, 0, "");
  assert_reasons (lines, 1, "first");
  assert_reasons (lines, 2, "");
  assert_reasons (lines, 5, "a|b␊");
  assert_reasons (lines, 6, "a|b␊"); /* LMTP says the same for each recipient */
  assert_reasons (lines, 8, "");
  assert_reasons (all, 6, "a|b␊");
  assert_reasons (all, 11, "");
  many = dup_reasons (lines, 109);
  g_assert_cmpstr (many, ==, "88|89|90|91|92|93|94|95|96|97|98|99");

  kept = g_list_model_get_item (lines, 5);
  ph_journal_session_end (session, NULL);
  ph_journal_set_limits (journal, 1000, 20, 1024 * 1024);
  ph_journal_flush (journal);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 0);
  gone = ph_journal_line_dup_reasons (kept);
  g_assert_cmpuint (g_strv_length (gone), ==, 0);
}

#define CANARY "S3cr3tCanary"

/* I24: the secret is in no record, no export and no model. */
static void
test_masking (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "POP3", FALSE, "127.0.0.1:1");
  g_autofree char *long_line = g_strconcat ("AUTH ", CANARY, NULL);
  GListModel      *lines = ph_journal_session_get_lines (session);

  ph_journal_session_add_masked (session, PH_JOURNAL_CLIENT, "PASS " CANARY, strlen ("PASS " CANARY), 5, strlen (CANARY));
  ph_journal_session_add_masked (session, PH_JOURNAL_CLIENT, "PASS ", 5, 5, 0);
  ph_journal_session_add_masked (session, PH_JOURNAL_CLIENT, "a LOGIN x " CANARY " y", strlen ("a LOGIN x " CANARY " y"), 10, strlen (CANARY));
  ph_journal_session_add_masked (session, PH_JOURNAL_CLIENT, long_line, strlen (long_line), 5, G_MAXSIZE);
  ph_journal_session_add_masked (session, PH_JOURNAL_CLIENT, "x", 1, G_MAXSIZE, G_MAXSIZE);
  ph_journal_flush (journal);

  assert_line (lines, 0, "PASS ••••••");
  assert_line (lines, 1, "PASS ••••••");
  assert_line (lines, 2, "a LOGIN x •••••• y");
  assert_line (lines, 3, "AUTH ••••••");
  assert_line (lines, 4, "x••••••");
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      gsize         length;
      const guint8 *bytes = ph_journal_line_get_bytes (line, &length);

      g_assert_null (memmem (bytes, length, CANARY, 6));
    }
  for (guint i = PH_JOURNAL_EXPORT_TEXT; i <= PH_JOURNAL_EXPORT_MARKDOWN; i++)
    {
      g_autofree char *text = ph_journal_session_export (session, i);

      g_assert_null (strstr (text, CANARY));
      g_assert_nonnull (strstr (text, "••••••"));
    }
}

static void
test_exports (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, "127.0.0.1:9");
  g_autofree char *text = NULL, *json = NULL, *markdown = NULL;

  add (session, PH_JOURNAL_CLIENT, "EHLO \"a\\b\";#");
  ph_clock_advance (clock, 250000);
  add (session, PH_JOURNAL_SERVER, "250 ok\r\n");
  ph_journal_session_note (session, "over");
  ph_journal_session_end (session, "gone");

  text = ph_journal_session_export (session, PH_JOURNAL_EXPORT_TEXT);
  g_assert_cmpstr (text, ==,
                   "# Session 1: SMTP\n# Peer: 127.0.0.1:9\n# Started: 2023-11-14T22:13:20.000000Z\n# State: Failed\n# Cause: gone\n"
                   "2023-11-14T22:13:20.000000Z C: EHLO \"a\\b\";#\n"
                   "2023-11-14T22:13:20.250000Z S: 250 ok␍␊\n"
                   "2023-11-14T22:13:20.250000Z -- over\n");
  json = ph_journal_session_export (session, PH_JOURNAL_EXPORT_JSON_LINES);
  g_assert_true (g_str_has_prefix (json,
                                   "{\"session\":1,\"service\":\"SMTP\",\"peer\":\"127.0.0.1:9\",\"time\":\"2023-11-14T22:13:20.000000Z\","
                                   "\"elapsed\":0.000000,\"voice\":\"client\",\"text\":\"EHLO \\\"a\\\\b\\\";#\"}\n"
                                   "{\"session\":1,"));
  g_assert_nonnull (strstr (json, "\"elapsed\":0.250000,\"voice\":\"server\",\"text\":\"250 ok␍␊\"}\n"));
  markdown = ph_journal_session_export (session, PH_JOURNAL_EXPORT_MARKDOWN);
  g_assert_cmpstr (markdown, ==,
                   "```mermaid\nsequenceDiagram\n    participant C as Client 127.0.0.1:9\n    participant S as Posthouse SMTP\n"
                   "    C->>S: EHLO #34;a#92;b#34;#59;#35;\n    S->>C: 250 ok␍␊\n    Note over C,S: over\n    Note over C,S: gone\n```\n");
}

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  char **text = user_data;

  *text = ph_journal_session_export_finish (PH_JOURNAL_SESSION (source), result, NULL);
}

/* A long one is written a piece at a time: others have their turn, and what comes meanwhile is left out. */
static void
test_export_slices (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, "127.0.0.1:9");
  g_autofree char *expected = NULL, *text = NULL;
  guint            n_turns = 0;

  for (guint i = 0; i < 50000; i++)
    add (session, PH_JOURNAL_CLIENT, "NOOP\r\n");
  expected = ph_journal_session_export (session, PH_JOURNAL_EXPORT_JSON_LINES);
  ph_journal_session_export_async (session, PH_JOURNAL_EXPORT_JSON_LINES, NULL, exported_cb, &text);
  while (text == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      add (session, PH_JOURNAL_CLIENT, "late");
      n_turns++;
    }
  g_assert_cmpuint (n_turns, >, 2);
  g_assert_true (g_str_equal (text, expected));
}

/* Finished sessions go first, oldest first; then the oldest lines of those who run. */
static void
test_drop_order (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) running = ph_journal_begin (journal, "IMAP", FALSE, NULL);
  g_autoptr (PhJournalSession) first = NULL;
  GListModel *lines, *first_lines;

  ph_journal_set_limits (journal, 100, 160, 10 * 1024 * 1024);
  add (running, PH_JOURNAL_SERVER, "running");
  first = ph_journal_begin (journal, "SMTP", FALSE, NULL);
  for (guint i = 0; i < 15; i++)
    {
      g_autoptr (PhJournalSession) session = i == 0 ? g_object_ref (first) : ph_journal_begin (journal, "SMTP", FALSE, NULL);

      for (guint j = 0; j < 10; j++)
        ph_journal_session_note (session, "%u.%u", i, j);
      ph_journal_session_end (session, NULL);
    }
  ph_journal_flush (journal);
  first_lines = ph_journal_session_get_lines (first);
  lines = ph_journal_get_all_lines (journal);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 151);
  g_assert_cmpuint (g_list_model_get_n_items (first_lines), ==, 10);

  for (guint i = 0; i < 10; i++)
    add (running, PH_JOURNAL_SERVER, "more");

  /* Dropped, but as no view was told yet, the places are still there. */
  g_assert_cmpuint (get_count (journal, "n-dropped-lines"), ==, 20);
  g_assert_cmpuint (get_count (journal, "n-dropped-sessions"), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 151);
  assert_line (lines, 1, "");
  assert_line (first_lines, 0, "");
  ph_journal_flush (journal);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 141);
  g_assert_cmpuint (g_list_model_get_n_items (first_lines), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 14);
  assert_line (lines, 0, "running");
  assert_line (lines, 1, "2.0");

  /* Who talks after being dropped is not heard, but counted. */
  add (first, PH_JOURNAL_NOTE, "late");
  g_assert_cmpuint (get_count (journal, "n-dropped-lines"), ==, 21);

  /* Only the running one is left, and loses its oldest lines. */
  for (guint i = 0; i < 1000; i++)
    ph_journal_session_note (running, "line %u", i);
  ph_journal_flush (journal);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (lines), <=, 160);
  g_assert_cmpuint (g_list_model_get_n_items (lines), >, 50);
  g_assert_cmpuint (get_count (journal, "n-dropped-lines"), ==, 1162 - g_list_model_get_n_items (lines));
  assert_line (lines, g_list_model_get_n_items (lines) - 1, "line 999");
}

/* Many sessions at once, begun, ended and flushed at random: bounds hold at any
 * moment, and each model is what its signals said. */
static void
test_load (gconstpointer data)
{
  gboolean flushed = GPOINTER_TO_INT (data);
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);
  PhJournalSession *sessions[30] = { NULL };
  Mirror            all, list, one;
  guint64           n_added = 0;

  ph_journal_set_limits (journal, 50, 2000, 200 * 1024);
  sessions[0] = ph_journal_begin (journal, "IMAP", FALSE, NULL);
  mirror_init (&all, ph_journal_get_all_lines (journal));
  mirror_init (&list, G_LIST_MODEL (journal));
  mirror_init (&one, ph_journal_session_get_lines (sessions[0]));

  for (guint i = 0; i < 60000; i++)
    {
      guint which = (guint)g_rand_int_range (rand, 0, G_N_ELEMENTS (sessions));

      if (sessions[which] == NULL)
        sessions[which] = ph_journal_begin (journal, "SMTP", FALSE, NULL);
      ph_journal_session_note (sessions[which], "%u %.*s", i, g_rand_int_range (rand, 0, 60), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
      n_added++;
      if (which != 0 && g_rand_int_range (rand, 0, 20) == 0)
        {
          ph_journal_session_end (sessions[which], NULL);
          g_clear_object (&sessions[which]);
        }
      if (flushed && g_rand_int_range (rand, 0, 300) == 0)
        {
          ph_clock_advance (clock, 50 * 1000);
          g_assert_cmpuint (g_list_model_get_n_items (all.model), <=, 2000);
          g_assert_cmpuint (g_list_model_get_n_items (list.model), <=, 50);
        }
      if (i % 5000 == 0)
        {
          mirror_check (&list);
          g_assert_cmpuint (g_list_model_get_n_items (all.model), <=, 2000 + 2000 / 16);
        }
    }
  ph_journal_flush (journal);
  mirror_check (&all);
  mirror_check (&list);
  mirror_check (&one);
  g_assert_cmpuint (g_list_model_get_n_items (all.model) + get_count (journal, "n-dropped-lines"), ==, n_added);
  g_assert_cmpuint (get_count (journal, "n-dropped-sessions"), >, 1000);
  for (guint i = 1; i < all.texts->len; i++)
    g_assert_cmpint (atoi (strchr (g_ptr_array_index (all.texts, i - 1), ' ')), <, atoi (strchr (g_ptr_array_index (all.texts, i), ' ')));

  mirror_clear (&all);
  mirror_clear (&list);
  mirror_clear (&one);
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    g_clear_object (&sessions[i]);
}

static void
talk_cb (GListModel *model,
         guint       position,
         guint       removed,
         guint       added,
         gpointer    data)
{
  for (guint i = 0; i < 50; i++)
    add (data, PH_JOURNAL_NOTE, "said while told");
}

/* A view that makes lines while it is told of lines must not upset the order. */
static void
test_reentrance (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "IMAP", FALSE, NULL);
  Mirror mirror;

  ph_journal_set_limits (journal, 10, 300, 1024 * 1024);
  mirror_init (&mirror, ph_journal_get_all_lines (journal));
  g_signal_connect (mirror.model, "items-changed", G_CALLBACK (talk_cb), session);
  for (guint i = 0; i < 200; i++)
    {
      add (session, PH_JOURNAL_NOTE, "x");
      ph_clock_advance (clock, 50 * 1000);
      g_assert_cmpuint (g_list_model_get_n_items (mirror.model), ==, mirror.texts->len);
    }
  g_signal_handlers_disconnect_by_data (mirror.model, session);
  ph_journal_flush (journal);
  mirror_check (&mirror);
  g_assert_cmpuint (get_count (journal, "n-dropped-lines"), >, 5000);
  mirror_clear (&mirror);
}

static void
test_lifetimes (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  PhJournal *journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "IMAP", FALSE, NULL);
  g_autoptr (GListModel) all = g_object_ref (ph_journal_get_all_lines (journal));
  g_autoptr (GListModel) lines = g_object_ref (ph_journal_session_get_lines (session));
  g_autoptr (PhJournalLine) line = NULL;
  g_autofree char *text = NULL;

  add (session, PH_JOURNAL_NOTE, "x");
  ph_journal_flush (journal);
  line = g_list_model_get_item (all, 0);
  g_object_unref (journal);

  g_assert_cmpuint (g_list_model_get_n_items (all), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (lines), ==, 0);
  g_assert_cmpstr (ph_journal_line_get_text (line), ==, "x");
  add (session, PH_JOURNAL_NOTE, "y");
  ph_journal_session_set_account (session, "a@b");
  ph_journal_session_end (session, NULL);
  text = ph_journal_session_export (session, PH_JOURNAL_EXPORT_JSON_LINES);
  g_assert_cmpstr (text, ==, "");
}

static void
test_null (void)
{
  g_auto (GStrv) findings = ph_journal_session_dup_findings (NULL);
  g_autofree char *text = ph_journal_session_export (NULL, PH_JOURNAL_EXPORT_TEXT);

  ph_journal_session_add (NULL, PH_JOURNAL_CLIENT, "x", 1);
  ph_journal_session_add_masked (NULL, PH_JOURNAL_CLIENT, "x", 1, 0, 1);
  ph_journal_session_add_folded (NULL, PH_JOURNAL_CLIENT, "message", 1);
  ph_journal_session_note (NULL, "%d", 1);
  ph_journal_session_set_peer (NULL, "x");
  ph_journal_session_set_account (NULL, "x");
  ph_journal_session_set_client_name (NULL, "x");
  ph_journal_session_set_tls (NULL, "x");
  ph_journal_session_add_message (NULL);
  ph_journal_session_add_bytes (NULL, 1, 1);
  ph_journal_session_add_finding (NULL, "x");
  ph_journal_session_end (NULL, NULL);
  g_assert_null (ph_journal_session_get_lines (NULL));
  g_assert_cmpuint (g_strv_length (findings), ==, 0);
  g_assert_cmpstr (text, ==, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal/order", test_order);
  g_test_add_func ("/journal/properties", test_properties);
  g_test_add_func ("/journal/escapes", test_escapes);
  g_test_add_func ("/journal/cut", test_cut);
  g_test_add_func ("/journal/parts", test_parts);
  g_test_add_func ("/journal/parts/interrupted", test_parts_interrupted);
  g_test_add_func ("/journal/parts/cut", test_parts_cut);
  g_test_add_func ("/journal/reasons", test_reasons);
  g_test_add_func ("/journal/masking", test_masking);
  g_test_add_func ("/journal/exports", test_exports);
  g_test_add_func ("/journal/export-slices", test_export_slices);
  g_test_add_func ("/journal/drop-order", test_drop_order);
  g_test_add_data_func ("/journal/load/flushed", GINT_TO_POINTER (TRUE), test_load);
  g_test_add_data_func ("/journal/load/unflushed", GINT_TO_POINTER (FALSE), test_load);
  g_test_add_func ("/journal/reentrance", test_reentrance);
  g_test_add_func ("/journal/lifetimes", test_lifetimes);
  g_test_add_func ("/journal/null", test_null);

  return g_test_run ();
}
