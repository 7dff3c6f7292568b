#include "ph-journal-line-private.h"
#include "ph-journal-private.h"
#include "ph-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* µs of work in one dispatch. */
#define PH_JOURNAL_EXPORT_SLICE (4 * 1000)

/* How each format writes its head, a line and its end.  Text and Markdown are for people, in the language of the window. */
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

static const char *const state_names[] = { N_ ("Running"), N_ ("Closed"), N_ ("Failed") };
static const char *const voice_names[] = { "client", "server", "note" };
static const char *const arrows[] = { "C:", "S:", "--" };

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%S") : g_strdup ("-");

  return g_strdup_printf ("%s.%06dZ", text, (int)(time % G_USEC_PER_SEC));
}

/* gettext() has the header of the translation for the empty text. */
static const char *
translate (const char *text)
{
  return text != NULL && *text != '\0' ? _ (text) : text;
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
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, session->id);
  g_autofree char *dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, session->pages.first_line);
  g_autofree char *started = format_time (session->started);

  g_string_append (target, "# ");
  /* Translators: a number, and a service such as IMAP */
  g_string_append_printf (target, _ ("Session %s: %s"), id, translate (session->service));
  g_string_append_c (target, '\n');
  /* Translators: the address of the other side; so are all of these: heads of lines of a transcript that is saved */
  append_field (target, _ ("Peer"), session->peer);
  append_field (target, _ ("Account"), session->account);
  append_field (target, _ ("Client"), session->client_name);
  append_field (target, "TLS", session->tls);
  append_field (target, _ ("Started"), started);
  append_field (target, _ ("State"), _ (state_names[session->state]));
  append_field (target, _ ("Cause"), translate (session->cause));
  if (session->pages.first_line > 0)
    {
      g_string_append (target, "# ");
      /* Translators: a number, of lines of a transcript */
      g_string_append_printf (target, ngettext ("%s older line was dropped", "%s older lines were dropped", (gulong)session->pages.first_line), dropped);
      g_string_append_c (target, '\n');
    }
}

static void
text_line (GString               *target,
           PhJournalSession      *session,
           const PhJournalRecord *record,
           const char            *time,
           const char            *text)
{
  for (const char *end; (end = strchr (text, '\n')) != NULL; text = end + 1)
    g_string_append_printf (target, "%s %s %.*s\n", time, arrows[record->voice], (int)(end - text), text);
  g_string_append_printf (target, "%s %s %s\n", time, arrows[record->voice], text);
}

static void
append_json (GString    *target,
             const char *name,
             const char *value)
{
  if (value == NULL)
    return;

  g_string_append_printf (target, ",\"%s\":", name);
  ph_json_append_string (target, value);
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

/* What Mermaid takes for its own, as its character codes; a line feed as the line break that it knows. */
static void
append_mermaid (GString    *target,
                const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (strchr ("#;<>&\"%`\\", *p) != NULL)
      g_string_append_printf (target, "#%d;", *p);
    else if (*p == '\n')
      g_string_append (target, "<br/>");
    else
      g_string_append_c (target, *p);
}

static void
markdown_head (GString          *target,
               PhJournalSession *session)
{
  const char      *peer = session->peer != NULL ? session->peer : "?";
  g_autofree char *service = g_strdup_printf ("Posthouse %s", session->service);
  /* Translators: an address */
  g_autofree char *server = g_strdup_printf (_ ("Server %s"), peer);
  /* Translators: an address */
  g_autofree char *client = g_strdup_printf (_ ("Client %s"), peer);

  g_string_append (target, "```mermaid\nsequenceDiagram\n    participant C as ");
  append_mermaid (target, session->is_outgoing ? "Posthouse" : client);
  g_string_append (target, "\n    participant S as ");
  append_mermaid (target, session->is_outgoing ? server : service);
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
      append_mermaid (target, translate (session->cause));
      g_string_append_c (target, '\n');
    }
  g_string_append (target, "```\n");
}

static const PhExportFormat formats[] = {
  [PH_JOURNAL_EXPORT_TEXT] = { text_head, text_line, NULL },
  [PH_JOURNAL_EXPORT_JSON_LINES] = { NULL, json_line, NULL },
  [PH_JOURNAL_EXPORT_MARKDOWN] = { markdown_head, markdown_line, markdown_end },
};

/* An export on its way */
typedef struct
{
  PhJournalSession     *session;
  const PhExportFormat *format;
  GString              *target;
  GString              *text; /* of a line */
  guint64               next;
  guint64               end; /* lines that come later are left out */
} PhExport;

static PhExport *
ph_export_new (PhJournalSession *session,
               PhJournalExport   format)
{
  PhExport *self = g_new0 (PhExport, 1);

  self->session = g_object_ref (session);
  self->format = &formats[format];
  self->target = g_string_new (NULL);
  self->text = g_string_new (NULL);
  self->next = session->pages.first_line;
  self->end = session->pages.next_line;
  if (self->format->head != NULL)
    self->format->head (self->target, session);

  return self;
}

static void
ph_export_free (PhExport *self)
{
  g_object_unref (self->session);
  g_string_free (self->target, TRUE);
  g_string_free (self->text, TRUE);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhExport, ph_export_free)

/* FALSE when there is no line left. */
static gboolean
ph_export_write_line (PhExport *self)
{
  const PhJournalRecord *record;
  g_autofree char       *time = NULL;

  /* What the ring has dropped meanwhile is left out. */
  self->next = MAX (self->next, self->session->pages.first_line);
  if (self->next >= self->end)
    return FALSE;

  record = ph_journal_pages_get (&self->session->pages, self->next++);
  time = format_time (record->time);
  g_string_truncate (self->text, 0);
  ph_journal_record_append_text (record, self->text);
  self->format->line (self->target, self->session, record, time, self->text->str);

  return TRUE;
}

/* Transfer full; the export is of no use afterwards. */
static char *
ph_export_end (PhExport *self)
{
  char *text;

  if (self->format->end != NULL)
    self->format->end (self->target, self->session);
  text = g_string_free (self->target, FALSE);
  self->target = g_string_new (NULL);

  return text;
}

char *
ph_journal_session_export (PhJournalSession *self,
                           PhJournalExport   format)
{
  g_autoptr (PhExport) export = NULL;

  if (self == NULL)
    return g_strdup ("");

  export = ph_export_new (self, format);
  while (ph_export_write_line (export))
    ;

  return ph_export_end (export);
}

static gboolean
slice_cb (gpointer data)
{
  GTask *task = data;
  PhExport *export = g_task_get_task_data (task);
  gint64 end = g_get_monotonic_time () + PH_JOURNAL_EXPORT_SLICE;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;

  while (ph_export_write_line (export))
    if (g_get_monotonic_time () > end)
      return G_SOURCE_CONTINUE;

  g_task_return_pointer (task, ph_export_end (export), g_free);

  return G_SOURCE_REMOVE;
}

void
ph_journal_session_export_async (PhJournalSession   *self,
                                 PhJournalExport     format,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  GTask *task;

  g_return_if_fail (PH_IS_JOURNAL_SESSION (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, ph_export_new (self, format), (GDestroyNotify)ph_export_free);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, slice_cb, task, g_object_unref);
}

char *
ph_journal_session_export_finish (PhJournalSession *self,
                                  GAsyncResult     *result,
                                  GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
