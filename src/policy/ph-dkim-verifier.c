#include "ph-dkim-verifier.h"

#include "ph-dkim-public-key.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* One hash serves all signatures that ask for the same. */
typedef struct
{
  PhDkimBody body;
  guint8     digest[PH_DKIM_HASH_SIZE];
} BodyHash;

struct _PhDkimVerifier
{
  GBytes    *bytes;
  PhHeader  *header;
  GPtrArray *signatures;                     /* of PhDkimSignature */
  guint      fields[PH_DKIM_SIGNATURES_MAX]; /* of the header, by signature */
  BodyHash   hashes[PH_DKIM_SIGNATURES_MAX];
  guint      n_hashes;
  guint      n_ignored;
  gboolean   ended;
};

static BodyHash *
find_hash (PhDkimVerifier        *self,
           const PhDkimSignature *signature)
{
  for (guint i = 0; i < self->n_hashes; i++)
    if (self->hashes[i].body.canon == signature->body_canon && self->hashes[i].body.limit == signature->limit)
      return &self->hashes[i];

  return NULL;
}

static void
add_signature (PhDkimVerifier      *self,
               const PhHeaderField *field,
               gint64               now)
{
  PhDkimSignature *signature;

  if (self->signatures->len == PH_DKIM_SIGNATURES_MAX)
    {
      self->n_ignored++;
      return;
    }

  signature = ph_dkim_signature_parse ((const char *)self->header->data + field->value_offset, field->value_length, now);
  self->fields[self->signatures->len] = (guint)(field - self->header->fields);
  g_ptr_array_add (self->signatures, signature);
  if (signature->result == PH_DKIM_PENDING && find_hash (self, signature) == NULL)
    ph_dkim_body_begin (&self->hashes[self->n_hashes++].body, signature->body_canon, signature->limit);
}

PhDkimVerifier *
ph_dkim_verifier_new (GBytes *header,
                      gint64  now)
{
  PhDkimVerifier *self = g_new0 (PhDkimVerifier, 1);
  gsize           length;
  const guint8   *data = g_bytes_get_data (header, &length);

  self->bytes = g_bytes_ref (header);
  self->header = ph_header_parse (data, length);
  self->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_dkim_signature_free);
  for (const PhHeaderField *field = NULL; (field = ph_header_find (self->header, "DKIM-Signature", field)) != NULL;)
    add_signature (self, field, now);

  return self;
}

void
ph_dkim_verifier_free (PhDkimVerifier *self)
{
  ph_dkim_verifier_end (self);
  g_ptr_array_unref (self->signatures);
  ph_header_free (self->header);
  g_bytes_unref (self->bytes);
  g_free (self);
}

gboolean
ph_dkim_verifier_wants_body (const PhDkimVerifier *self)
{
  return self->n_hashes > 0;
}

void
ph_dkim_verifier_feed (PhDkimVerifier *self,
                       const guint8   *data,
                       gsize           length)
{
  for (guint i = 0; i < self->n_hashes; i++)
    ph_dkim_body_feed (&self->hashes[i].body, data, length);
}

void
ph_dkim_verifier_end (PhDkimVerifier *self)
{
  for (guint i = 0; !self->ended && i < self->n_hashes; i++)
    ph_dkim_body_end (&self->hashes[i].body, self->hashes[i].digest);
  self->ended = TRUE;
}

/* The fields that the signature names, of several of one name the last first (section 5.4.2); a name once too many
 * stands for nothing, and proves that there is no more of it. */
static void
append_signed_fields (PhDkimVerifier        *self,
                      const PhDkimSignature *signature,
                      const PhHeaderField   *own,
                      PhBuffer              *out)
{
  g_autofree gboolean *taken = g_new0 (gboolean, self->header->n_fields + 1);

  /* "DKIM-Signature" in h= is another one. */
  taken[own - self->header->fields] = TRUE;
  for (guint i = 0; signature->names[i] != NULL; i++)
    for (guint j = self->header->n_fields; j > 0; j--)
      {
        const PhHeaderField *field = &self->header->fields[j - 1];

        if (taken[j - 1] || !ph_header_field_has_name (self->header, field, signature->names[i]))
          continue;
        taken[j - 1] = TRUE;
        ph_dkim_append_field (self->header, field, signature->header_canon, out);
        break;
      }
}

/* The signature's own field with nothing in b=, and without a line end (section 3.7). */
static void
append_own_field (PhDkimVerifier        *self,
                  const PhDkimSignature *signature,
                  const PhHeaderField   *field,
                  PhBuffer              *out)
{
  const char *value = (const char *)self->header->data + field->value_offset;
  gsize       after = signature->b_offset + signature->b_length;
  g_auto (PhBuffer) emptied = { 0 };

  ph_buffer_append (&emptied, value, signature->b_offset);
  ph_buffer_append (&emptied, value + after, field->value_length - after);
  if (signature->header_canon == PH_DKIM_RELAXED)
    {
      ph_dkim_append_value ("DKIM-Signature", (const char *)ph_buffer_get_data (&emptied), ph_buffer_get_length (&emptied), out);
      return;
    }
  ph_buffer_append (out, self->header->data + field->offset, field->value_offset - field->offset);
  ph_buffer_append (out, ph_buffer_get_data (&emptied), ph_buffer_get_length (&emptied));
}

static void
verify (PhDkimVerifier        *self,
        PhDkimSignature       *signature,
        const PhHeaderField   *field,
        const PhDkimPublicKey *key)
{
  const BodyHash  *hash = find_hash (self, signature);
  g_autofree char *limit = g_strdup_printf ("%" G_GUINT64_FORMAT, signature->limit);
  g_auto (PhBuffer) data = { 0 };

  if (signature->limit != G_MAXUINT64 && hash->body.length < signature->limit)
    {
      ph_dkim_signature_refuse (signature, PH_DKIM_FAIL, N_ ("the body is shorter than what was signed"));
      return;
    }
  if (memcmp (hash->digest, g_bytes_get_data (signature->body_hash, NULL), PH_DKIM_HASH_SIZE) != 0)
    {
      ph_dkim_signature_refuse (signature, PH_DKIM_FAIL, N_ ("the body is not what was signed"));
      return;
    }

  append_signed_fields (self, signature, field, &data);
  append_own_field (self, signature, field, &data);
  if (!ph_dkim_public_key_verify (key, ph_buffer_get_data (&data), ph_buffer_get_length (&data), signature->signature))
    ph_dkim_signature_refuse (signature, PH_DKIM_FAIL, N_ ("the header is not what was signed"));
  else if (hash->body.length > signature->limit)
    /* Translators: a number */
    ph_dkim_signature_refuse (signature, PH_DKIM_POLICY, N_ ("only the first %s bytes of the body are signed"), limit);
  else
    ph_dkim_signature_accept (signature);
}

/* FALSE while the key is missing. */
static gboolean
check (PhDkimVerifier      *self,
       PhDkimSignature     *signature,
       const PhHeaderField *field,
       PhDnsFacts          *facts)
{
  g_autofree char   *name = g_strdup_printf ("%s._domainkey.%s", signature->selector, signature->domain);
  const PhDnsAnswer *answer;
  PhDnsFact          fact = ph_dns_facts_look_up (facts, PH_DNS_TXT, name, &answer);

  if (fact == PH_DNS_FACT_WANTED)
    return FALSE;
  if (fact == PH_DNS_FACT_TROUBLE)
    /* Translators: a name in DNS */
    ph_dkim_signature_refuse (signature, PH_DKIM_TEMPERROR, N_ ("the key %s is not to be had now"), name);
  else if (fact != PH_DNS_FACT_RECORDS)
    /* Translators: a name in DNS */
    ph_dkim_signature_refuse (signature, PH_DKIM_PERMERROR, N_ ("there is no key %s"), name);

  /* Of several records (undefined, section 3.6.2.2) the first that verifies. */
  for (guint i = 0; answer != NULL && i < answer->records->len && i < PH_DKIM_SIGNATURES_MAX && signature->result != PH_DKIM_PASS; i++)
    {
      gsize       length;
      const char *text = ph_dns_answer_get_text (answer, i, &length);
      g_autoptr (PhDkimPublicKey) key = ph_dkim_public_key_parse (text, length, signature);

      if (key != NULL)
        verify (self, signature, field, key);
    }

  return TRUE;
}

gboolean
ph_dkim_verifier_check (PhDkimVerifier *self,
                        PhDnsFacts     *facts)
{
  gboolean whole = TRUE;

  for (guint i = 0; i < self->signatures->len; i++)
    {
      PhDkimSignature *signature = self->signatures->pdata[i];

      if (signature->result == PH_DKIM_PENDING && !check (self, signature, &self->header->fields[self->fields[i]], facts))
        whole = FALSE;
    }

  return whole;
}

GPtrArray *
ph_dkim_verifier_get_signatures (PhDkimVerifier *self)
{
  return self->signatures;
}

guint
ph_dkim_verifier_count_ignored (const PhDkimVerifier *self)
{
  return self->n_ignored;
}
