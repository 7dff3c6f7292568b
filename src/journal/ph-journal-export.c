#include "ph-journal-line-private.h"
#include "ph-journal-private.h"

#include <string.h>

/* How each format writes its head, a line and its end. */
typedef struct
{
  void (*head) (GString          *target,
                PhJournalSession *session);
  void (*line) (GString               *target,
                PhJournalSession      *session,
                const PhJournalRecord *record,
                const char            *time,
                const char            *text);
  void (*end) (GString          *target,
               PhJournalSession *session);
} PhExportFormat;

static const char *const state_names[] = { "running", "closed", "failed" };
static const char *const voice_names[] = { "client", "server", "note" };
static const char *const arrows[] = { "C:", "S:", "--" };

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%S") : g_strdup ("-");

  return g_strdup_printf ("%s.%06dZ", text, (int)(time % G_USEC_PER_SEC));
}

static void
append_field (GString    *target,
              const char *name,
              const char *value)
{
  if (value != NULL)
    g_string_append_printf (target, "# %s: %s\n", name, value);
}

static void
text_head (GString          *target,
           PhJournalSession *session)
{
  g_autofree char *started = format_time (session->started);

  g_string_append_printf (target, "# Session %" G_GUINT64_FORMAT ": %s\n", session->id, session->service);
  append_field (target, "Peer", session->peer);
  append_field (target, "Account", session->account);
  append_field (target, "Client", session->client_name);
  append_field (target, "TLS", session->tls);
  append_field (target, "Started", started);
  append_field (target, "State", state_names[session->state]);
  append_field (target, "Cause", session->cause);
  if (session->pages.first_line > 0)
    g_string_append_printf (target, "# %" G_GUINT64_FORMAT " older lines were dropped\n", session->pages.first_line);
}

static void
text_line (GString               *target,
           PhJournalSession      *session,
           const PhJournalRecord *record,
           const char            *time,
           const char            *text)
{
  g_string_append_printf (target, "%s %s %s\n", time, arrows[record->voice], text);
}

/* Text is escaped already: only these two remain (RFC 8259 section 7). */
static void
append_json (GString    *target,
             const char *name,
             const char *value)
{
  if (value == NULL)
    return;

  g_string_append_printf (target, ",\"%s\":\"", name);
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (target, '\\');
      g_string_append_c (target, *p);
    }
  g_string_append_c (target, '"');
}

static void
json_line (GString               *target,
           PhJournalSession      *session,
           const PhJournalRecord *record,
           const char            *time,
           const char            *text)
{
  g_string_append_printf (target, "{\"session\":%" G_GUINT64_FORMAT, session->id);
  append_json (target, "service", session->service);
  append_json (target, "peer", session->peer);
  append_json (target, "account", session->account);
  append_json (target, "time", time);
  g_string_append_printf (target, ",\"elapsed\":%.6f", (double)record->elapsed / G_USEC_PER_SEC);
  append_json (target, "voice", voice_names[record->voice]);
  append_json (target, "text", text);
  g_string_append (target, "}\n");
}

/* What Mermaid takes for its own, as its character codes. */
static void
append_mermaid (GString    *target,
                const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (strchr ("#;<>&\"%`\\", *p) != NULL)
      g_string_append_printf (target, "#%d;", *p);
    else
      g_string_append_c (target, *p);
}

static void
markdown_head (GString          *target,
               PhJournalSession *session)
{
  const char *peer = session->peer != NULL ? session->peer : "?";

  g_string_append_printf (target, "```mermaid\nsequenceDiagram\n    participant C as %s", session->is_outgoing ? "Posthouse" : "Client ");
  if (!session->is_outgoing)
    append_mermaid (target, peer);
  g_string_append_printf (target, "\n    participant S as %s", session->is_outgoing ? "Server " : "Posthouse ");
  append_mermaid (target, session->is_outgoing ? peer : session->service);
  g_string_append_c (target, '\n');
}

static void
markdown_line (GString               *target,
               PhJournalSession      *session,
               const PhJournalRecord *record,
               const char            *time,
               const char            *text)
{
  static const char *const heads[] = { "    C->>S: ", "    S->>C: ", "    Note over C,S: " };

  g_string_append (target, heads[record->voice]);
  append_mermaid (target, *text != '\0' ? text : " ");
  g_string_append_c (target, '\n');
}

static void
markdown_end (GString          *target,
              PhJournalSession *session)
{
  if (session->cause != NULL)
    {
      g_string_append (target, "    Note over C,S: ");
      append_mermaid (target, session->cause);
      g_string_append_c (target, '\n');
    }
  g_string_append (target, "```\n");
}

static const PhExportFormat formats[] = {
  [PH_JOURNAL_EXPORT_TEXT] = { text_head, text_line, NULL },
  [PH_JOURNAL_EXPORT_JSON_LINES] = { NULL, json_line, NULL },
  [PH_JOURNAL_EXPORT_MARKDOWN] = { markdown_head, markdown_line, markdown_end },
};

char *
ph_journal_session_export (PhJournalSession *self,
                           PhJournalExport   format)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GString *target = g_string_new (NULL);

  if (self == NULL)
    return g_string_free (target, FALSE);

  if (formats[format].head != NULL)
    formats[format].head (target, self);
  for (guint64 i = self->pages.first_line; i < self->pages.next_line; i++)
    {
      const PhJournalRecord *record = ph_journal_pages_get (&self->pages, i);
      g_autofree char       *time = format_time (record->time);

      g_string_truncate (text, 0);
      ph_journal_record_append_text (record, text);
      formats[format].line (target, self, record, time, text->str);
    }
  if (formats[format].end != NULL)
    formats[format].end (target, self);

  return g_string_free (target, FALSE);
}
