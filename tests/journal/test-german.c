/* What a person reads of a transcript is in the language of the window, what a program reads is not. */

#include "ph-journal.h"

#include "../german.h"

#include <string.h>

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

static void
test_exports (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP out", TRUE, "192.0.2.1:25");
  g_autofree char *text = NULL, *json = NULL, *markdown = NULL;

  ph_journal_session_note (session, "TLS failed: once more without it");
  ph_journal_session_end (session, "Posthouse closed the connection");

  text = ph_journal_session_export (session, PH_JOURNAL_EXPORT_TEXT);
  g_assert_cmpstr (text, ==,
                   "# Sitzung 1: SMTP ausgehend\n# Gegenseite: 192.0.2.1:25\n# Begonnen: 2023-11-14T22:13:20.000000Z\n# Zustand: Fehlgeschlagen\n"
                   "# Ursache: Posthouse hat die Verbindung geschlossen\n"
                   "2023-11-14T22:13:20.000000Z -- TLS ist gescheitert: noch einmal ohne\n");
  json = ph_journal_session_export (session, PH_JOURNAL_EXPORT_JSON_LINES);
  g_assert_true (g_str_has_prefix (json, "{\"session\":1,\"service\":\"SMTP out\",\"peer\":\"192.0.2.1:25\",\"time\":\"2023-11-14T22:13:20.000000Z\","
                                         "\"elapsed\":0.000000,\"voice\":\"note\",\"text\":\""));
  markdown = ph_journal_session_export (session, PH_JOURNAL_EXPORT_MARKDOWN);
  g_assert_cmpstr (markdown, ==,
                   "```mermaid\nsequenceDiagram\n    participant C as Posthouse\n    participant S as Server 192.0.2.1:25\n"
                   "    Note over C,S: TLS ist gescheitert: noch einmal ohne\n    Note over C,S: Posthouse hat die Verbindung geschlossen\n```\n");
}

/* The header of a translation is no translation of nothing. */
static void
test_empty_cause (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "SMTP", FALSE, NULL);

  ph_journal_session_end (session, "");
  for (PhJournalExport format = PH_JOURNAL_EXPORT_TEXT; format <= PH_JOURNAL_EXPORT_MARKDOWN; format++)
    {
      g_autofree char *text = ph_journal_session_export (session, format);

      g_assert_null (strstr (text, "Content-Type"));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  speak_german ();

  g_test_add_func ("/german/exports", test_exports);
  g_test_add_func ("/german/empty-cause", test_empty_cause);

  return g_test_run ();
}
