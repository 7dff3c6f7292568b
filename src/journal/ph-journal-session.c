#include "ph-journal-session.h"

/* Placeholder until the journal lands. */
struct _PhJournalSession
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (PhJournalSession, ph_journal_session, G_TYPE_OBJECT)

static void
ph_journal_session_class_init (PhJournalSessionClass *klass)
{
}

static void
ph_journal_session_init (PhJournalSession *self)
{
}

void
ph_journal_session_add (PhJournalSession *self, PhJournalVoice voice, const void *data, gsize length)
{
}

void
ph_journal_session_add_masked (PhJournalSession *self, PhJournalVoice voice, const void *data, gsize length, gsize secret_start, gsize secret_length)
{
}

void
ph_journal_session_add_folded (PhJournalSession *self, PhJournalVoice voice, const char *what, guint64 bytes)
{
}

void
ph_journal_session_note (PhJournalSession *self, const char *format, ...)
{
}

void
ph_journal_session_set_account (PhJournalSession *self, const char *address)
{
}

void
ph_journal_session_set_client_name (PhJournalSession *self, const char *name)
{
}

void
ph_journal_session_set_tls (PhJournalSession *self, const char *description)
{
}

void
ph_journal_session_add_message (PhJournalSession *self)
{
}

void
ph_journal_session_add_bytes (PhJournalSession *self, gsize in, gsize out)
{
}

void
ph_journal_session_end (PhJournalSession *self, const char *cause)
{
}

GListModel *
ph_journal_session_get_lines (PhJournalSession *self)
{
  return NULL;
}
