#include "ph-dns-inquiry.h"

/* Of an answer in the journal. */
#define NOTE_MAX 160

struct _PhDnsInquiry
{
  PhResolver       *resolver;
  PhJournalSession *journal;
  GObject          *owner;
  PhDnsInquiryFunc  function;
  PhDnsFacts       *facts;
  GCancellable     *cancellable;
};

typedef struct
{
  PhDnsInquiry *inquiry;
  GObject      *owner; /* referenced: the inquiry lives as long */
  PhDnsType     type;
  char         *name;
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->owner);
  g_free (question->name);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

PhDnsInquiry *
ph_dns_inquiry_new (PhResolver       *resolver,
                    PhJournalSession *journal,
                    GObject          *owner,
                    PhDnsInquiryFunc  function)
{
  PhDnsInquiry *self = g_new0 (PhDnsInquiry, 1);

  self->resolver = g_object_ref (resolver);
  g_set_object (&self->journal, journal);
  self->owner = owner;
  self->function = function;
  self->facts = ph_dns_facts_new ();
  self->cancellable = g_cancellable_new ();

  return self;
}

void
ph_dns_inquiry_free (PhDnsInquiry *self)
{
  g_clear_object (&self->resolver);
  g_clear_object (&self->journal);
  g_clear_object (&self->cancellable);
  ph_dns_facts_free (self->facts);
  g_free (self);
}

PhDnsFacts *
ph_dns_inquiry_get_facts (PhDnsInquiry *self)
{
  return self->facts;
}

static const char *
get_type_name (PhDnsType type)
{
  switch (type)
    {
    case PH_DNS_A:
      return "A";
    case PH_DNS_AAAA:
      return "AAAA";
    case PH_DNS_MX:
      return "MX";
    case PH_DNS_PTR:
      return "PTR";
    case PH_DNS_TXT:
      return "TXT";
    case PH_DNS_CNAME:
      return "CNAME";
    case PH_DNS_TLSA:
    default:
      return "TLSA";
    }
}

static char *
describe_answer (const PhDnsAnswer *answer)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < answer->records->len && text->len < NOTE_MAX; i++)
    {
      const PhDnsRecord *record = ph_dns_answer_get (answer, i);
      gsize              length = 0;
      const char        *data = record->data != NULL ? ph_dns_answer_get_text (answer, i, &length) : NULL;

      if (i > 0)
        g_string_append (text, ", ");
      if (data != NULL)
        g_string_append_len (text, data, (gssize)MIN (length, NOTE_MAX));
      else
        g_string_append (text, *record->name != '\0' ? record->name : ".");
      if (length > NOTE_MAX)
        g_string_append (text, "…");
    }

  return g_string_free (text, FALSE);
}

static PhDnsFact
fact_of_error (const GError *error)
{
  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NOT_FOUND))
    return PH_DNS_FACT_NO_NAME;
  if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_DNS_NO_DATA))
    return PH_DNS_FACT_NO_DATA;

  return PH_DNS_FACT_TROUBLE;
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (Question) question = user_data;
  PhDnsInquiry *self = question->inquiry;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDnsAnswer) answer = ph_resolver_lookup_finish (PH_RESOLVER (source), result, &error);
  g_autofree char *text = answer != NULL ? describe_answer (answer) : ph_resolver_explain (error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (answer != NULL)
    ph_journal_session_note (self->journal, "DNS %s %s: %s", get_type_name (question->type), question->name, text);
  else
    ph_journal_session_note (self->journal, "DNS %s %s", get_type_name (question->type), text);
  ph_dns_facts_add (self->facts, question->type, question->name, answer != NULL ? PH_DNS_FACT_RECORDS : fact_of_error (error), answer);
  self->function (self->owner);
}

void
ph_dns_inquiry_ask (PhDnsInquiry *self)
{
  PhDnsType   type;
  const char *name;

  while (ph_dns_facts_take_question (self->facts, &type, &name))
    {
      Question *question = g_new0 (Question, 1);

      question->inquiry = self;
      question->owner = g_object_ref (self->owner);
      question->type = type;
      question->name = g_strdup (name);
      ph_resolver_lookup_async (self->resolver, type, name, self->cancellable, answered_cb, question);
    }
}

void
ph_dns_inquiry_close (PhDnsInquiry *self)
{
  ph_dns_facts_close (self->facts);
  g_cancellable_cancel (self->cancellable);
}
