#include "ph-journal-line-private.h"

#include "ph-journal-escape.h"
#include "ph-journal-private.h"

#include <string.h>

/* Notes before a reply that are taken for its reasons. */
#define MAX_REASONS 12

struct _PhJournalLine
{
  GObject parent_instance;

  PhJournalSession *session;
  PhJournalRecord  *record; /* owned copy; NULL for a dropped line */
  char             *text;   /* made when it is asked for */
};

G_DEFINE_FINAL_TYPE (PhJournalLine, ph_journal_line, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_TEXT,
  PROP_TIME,
  PROP_ELAPSED,
  PROP_VOICE,
  PROP_SESSION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_journal_line_finalize (GObject *object)
{
  PhJournalLine *self = PH_JOURNAL_LINE (object);

  g_clear_object (&self->session);
  g_free (self->record);
  g_free (self->text);

  G_OBJECT_CLASS (ph_journal_line_parent_class)->finalize (object);
}

static void
ph_journal_line_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhJournalLine *self = PH_JOURNAL_LINE (object);

  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, ph_journal_line_get_text (self));
      break;
    case PROP_TIME:
      g_value_set_int64 (value, ph_journal_line_get_time (self));
      break;
    case PROP_ELAPSED:
      g_value_set_int64 (value, ph_journal_line_get_elapsed (self));
      break;
    case PROP_VOICE:
      g_value_set_uint (value, ph_journal_line_get_voice (self));
      break;
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_journal_line_class_init (PhJournalLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_journal_line_finalize;
  object_class->get_property = ph_journal_line_get_property;

  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_ELAPSED] = g_param_spec_int64 ("elapsed", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_VOICE] = g_param_spec_uint ("voice", NULL, NULL, 0, PH_JOURNAL_NOTE, 0, flags);
  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, PH_TYPE_JOURNAL_SESSION, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_journal_line_init (PhJournalLine *self)
{
}

PhJournalLine *
ph_journal_line_new (PhJournalSession      *session,
                     const PhJournalRecord *record)
{
  PhJournalLine *self = g_object_new (PH_TYPE_JOURNAL_LINE, NULL);

  self->session = g_object_ref (session);
  if (record != NULL)
    self->record = g_memdup2 (record, sizeof (PhJournalRecord) + record->length);

  return self;
}

PhJournalVoice
ph_journal_line_get_voice (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), PH_JOURNAL_NOTE);

  return self->record != NULL ? (PhJournalVoice)self->record->voice : PH_JOURNAL_NOTE;
}

gint64
ph_journal_line_get_time (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), 0);

  return self->record != NULL ? self->record->time : 0;
}

gint64
ph_journal_line_get_elapsed (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), 0);

  return self->record != NULL ? self->record->elapsed : 0;
}

PhJournalSession *
ph_journal_line_get_session (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), NULL);

  return self->session;
}

guint
ph_journal_line_get_n_lines (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), 1);

  return self->record != NULL ? self->record->n_lines : 1;
}

guint64
ph_journal_line_get_n_bytes (PhJournalLine *self)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), 0);

  return self->record != NULL ? (guint64)self->record->full_length + 2 : 0;
}

char *
ph_journal_line_dup_first (PhJournalLine *self)
{
  GString *text;

  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), NULL);

  text = g_string_new (NULL);
  if (self->record != NULL)
    ph_journal_record_append_first (self->record, text);

  return g_string_free (text, FALSE);
}

/* LMTP says the same for each recipient of a message: what is noted before the first holds for all. */
static guint64
skip_same (const PhJournalPages *pages,
           guint64               number)
{
  for (; number > pages->first_line; number--)
    {
      const PhJournalRecord *record = ph_journal_pages_get (pages, number), *before = ph_journal_pages_get (pages, number - 1);

      if (before->voice != record->voice || before->length != record->length || before->full_length != record->full_length ||
          memcmp (PH_JOURNAL_RECORD_BYTES (before), PH_JOURNAL_RECORD_BYTES (record), record->length) != 0)
        break;
    }

  return number;
}

GStrv
ph_journal_line_dup_reasons (PhJournalLine *self)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new ();
  const PhJournalPages *pages;
  guint64               first, end;

  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), NULL);

  pages = &self->session->pages;
  end = self->record != NULL && self->record->voice == PH_JOURNAL_SERVER && !self->session->is_outgoing ? ph_journal_pages_find (pages, self->record) : pages->next_line;
  if (end == pages->next_line)
    end = pages->first_line;
  end = skip_same (pages, end);

  for (first = end; first > pages->first_line && end - first < MAX_REASONS; first--)
    {
      const PhJournalRecord *note = ph_journal_pages_get (pages, first - 1);

      if (note->voice != PH_JOURNAL_NOTE || note->n_lines > 1)
        break;
    }

  for (; first < end; first++)
    {
      GString *text = g_string_new (NULL);

      ph_journal_record_append_text (ph_journal_pages_get (pages, first), text);
      g_ptr_array_add (reasons, g_string_free (text, FALSE));
    }
  g_ptr_array_add (reasons, NULL);

  return (GStrv)g_ptr_array_steal (reasons, NULL);
}

const char *
ph_journal_line_get_text (PhJournalLine *self)
{
  GString *text;

  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), NULL);

  if (self->record == NULL)
    return "";

  if (self->text == NULL)
    {
      text = g_string_sized_new (self->record->length + 16u);
      ph_journal_record_append_text (self->record, text);
      self->text = g_string_free (text, FALSE);
    }

  return self->text;
}

const guint8 *
ph_journal_line_get_bytes (PhJournalLine *self,
                           gsize         *length)
{
  g_return_val_if_fail (PH_IS_JOURNAL_LINE (self), NULL);

  *length = self->record != NULL ? self->record->length : 0;

  return self->record != NULL ? PH_JOURNAL_RECORD_BYTES (self->record) : NULL;
}

void
ph_journal_record_append_text (const PhJournalRecord *record,
                               GString               *target)
{
  const guint8 *rest = PH_JOURNAL_RECORD_BYTES (record), *end = rest + record->length;

  if (record->n_lines > 1)
    while ((rest = ph_journal_escape_line (target, rest, end)) != NULL)
      g_string_append_c (target, '\n');
  else
    ph_journal_escape (target, rest, record->length);
  if (record->full_length > record->length)
    {
      g_string_append (target, "… (");
      ph_journal_append_number (target, record->full_length);
      g_string_append (target, " bytes)");
    }
}

void
ph_journal_record_append_first (const PhJournalRecord *record,
                                GString               *target)
{
  const guint8 *bytes = PH_JOURNAL_RECORD_BYTES (record);

  if (record->n_lines == 1)
    ph_journal_record_append_text (record, target);
  else
    {
      ph_journal_escape_line (target, bytes, bytes + record->length);
      g_string_append (target, " …");
    }
}

void
ph_journal_append_number (GString *target,
                          guint64  number)
{
  char  digits[32];
  gsize length;

  g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
  length = strlen (digits);
  for (gsize i = 0; i < length; i++)
    {
      g_string_append_c (target, digits[i]);
      if ((length - i) % 3 == 1 && i + 1 < length)
        g_string_append_c (target, ',');
    }
}
