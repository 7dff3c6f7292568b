#include "ph-search-header.h"

#include "ph-encoded-word.h"
#include "ph-header-address.h"
#include "ph-mime-format.h"
#include "ph-search-envelope.h"

#include <string.h>

static const char *const address_fields[] = { "From", "To", "Cc", "Bcc", "Sender", "Reply-To" };

static gboolean
is_address_field (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (address_fields); i++)
    if (g_ascii_strcasecmp (name, address_fields[i]) == 0)
      return TRUE;

  return FALSE;
}

static const char *
get_value (const PhHeader      *header,
           const PhHeaderField *field)
{
  return (const char *)header->data + field->value_offset;
}

/* FROM and its like search the addresses of the ENVELOPE (RFC 3501 6.4.4), where an
 * address is whole even if comments or folds stand inside it. */
static void
append_addresses (const PhHeader      *header,
                  const PhHeaderField *field,
                  GPtrArray           *texts)
{
  g_autoptr (GPtrArray) addresses = ph_header_address_list_parse ((const guint8 *)get_value (header, field), field->value_length);

  for (guint i = 0; i < addresses->len; i++)
    {
      char *spec = ph_header_address_dup_addr_spec (addresses->pdata[i]);

      if (spec != NULL)
        g_ptr_array_add (texts, spec);
    }
}

gboolean
ph_search_header_matches (const PhHeader      *header,
                          const char          *name,
                          const PhTextPattern *pattern)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (const PhHeaderField *field = ph_header_find (header, name, NULL); field != NULL; field = ph_header_find (header, name, field))
    {
      g_ptr_array_add (texts, ph_encoded_word_decode (get_value (header, field), field->value_length));
      if (is_address_field (name))
        append_addresses (header, field, texts);
    }

  for (guint i = 0; i < texts->len; i++)
    if (ph_text_pattern_matches (pattern, texts->pdata[i], strlen (texts->pdata[i])))
      return TRUE;

  return FALSE;
}

/* What is decoded depends on what stands around it: then the texts of the fields are not pieces of the whole header's. */
static gboolean
has_coded_text (const PhHeader *header)
{
  const guint8 *data = header->data;

  for (gsize i = 0; i < header->length; i++)
    if (data[i] == 0 || data[i] >= 0x80 || (data[i] == '=' && i + 1 < header->length && data[i + 1] == '?'))
      return TRUE;

  return FALSE;
}

static void
append_envelope (const PhHeader *header,
                 GPtrArray      *texts)
{
  g_auto (PhBuffer) envelope = { 0 };

  ph_mime_format_envelope (header, &envelope);
  for (guint field = PH_ENVELOPE_SUBJECT; field <= PH_ENVELOPE_MESSAGE_ID; field++)
    {
      g_autofree char *raw = ph_envelope_dup_field (ph_buffer_get_data (&envelope), ph_buffer_get_length (&envelope), (PhEnvelopeField)field);

      if (raw != NULL)
        g_ptr_array_add (texts, ph_encoded_word_decode (raw, strlen (raw)));
    }
}

void
ph_search_header_collect (const PhHeader *header,
                          GPtrArray      *texts)
{
  guint n_apart = has_coded_text (header) ? header->n_fields : 0;

  g_ptr_array_add (texts, ph_encoded_word_decode ((const char *)header->data, header->length));
  for (guint i = 0; i < n_apart; i++)
    g_ptr_array_add (texts, ph_encoded_word_decode (get_value (header, &header->fields[i]), header->fields[i].value_length));

  for (guint i = 0; i < G_N_ELEMENTS (address_fields); i++)
    for (const PhHeaderField *field = ph_header_find (header, address_fields[i], NULL); field != NULL; field = ph_header_find (header, address_fields[i], field))
      append_addresses (header, field, texts);
  append_envelope (header, texts);
}
