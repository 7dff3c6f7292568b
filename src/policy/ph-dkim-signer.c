#include "ph-dkim-signer.h"

#include "ph-address.h"
#include "ph-dkim-canon.h"
#include "ph-header-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PIECE (64 * 1024)

/* Signed where they are there (RFC 6376 section 5.4.1), the first four once more than that. */
static const char *const names[] = {
  "From", "To", "Subject", "Date",
  "Cc", "Reply-To", "Sender", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
  "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"
};
#define OVERSIGNED 4

/* Columns of a line of ours. */
#define LINE_MAX_COLUMNS 72

typedef struct
{
  PhDkimKey *keys[2]; /* by PhDkimAlgorithm */
} DomainKeys;

struct _PhDkimSigner
{
  GObject parent_instance;

  char       *key_dir;
  char       *selector;
  char      **domains;
  GMutex      mutex; /* guards what follows */
  GHashTable *keys;  /* domain → DomainKeys */
};

G_DEFINE_FINAL_TYPE (PhDkimSigner, ph_dkim_signer, G_TYPE_OBJECT)

static void
domain_keys_free (gpointer data)
{
  DomainKeys *keys = data;

  for (guint i = 0; i < G_N_ELEMENTS (keys->keys); i++)
    g_clear_pointer (&keys->keys[i], ph_dkim_key_unref);
  g_free (keys);
}

static void
ph_dkim_signer_finalize (GObject *object)
{
  PhDkimSigner *self = PH_DKIM_SIGNER (object);

  g_free (self->key_dir);
  g_free (self->selector);
  g_strfreev (self->domains);
  g_hash_table_unref (self->keys);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (ph_dkim_signer_parent_class)->finalize (object);
}

static void
ph_dkim_signer_class_init (PhDkimSignerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_dkim_signer_finalize;
}

static void
ph_dkim_signer_init (PhDkimSigner *self)
{
  g_mutex_init (&self->mutex);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, domain_keys_free);
}

/* NULL for what can be no domain with a key; it must be the name of a file, too. */
static char *
canonicalize_domain (const char *text)
{
  g_autofree char *domain = ph_address_normalize_domain (text);

  return domain != NULL && domain[0] != '[' && strchr (domain, '/') == NULL ? g_steal_pointer (&domain) : NULL;
}

static char **
dup_canonical (const char *const *domains)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (; *domains != NULL; domains++)
    {
      g_autofree char *domain = canonicalize_domain (*domains);

      if (domain != NULL)
        g_strv_builder_add (builder, domain);
    }

  return g_strv_builder_end (builder);
}

/* A name in DNS, and part of a file's. */
static gboolean
is_selector (const char *text)
{
  return *text != '\0' && strlen (text) <= 63 && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == strlen (text);
}

PhDkimSigner *
ph_dkim_signer_new (const char        *key_dir,
                    const char        *selector,
                    const char *const *domains)
{
  PhDkimSigner *self = g_object_new (PH_TYPE_DKIM_SIGNER, NULL);

  self->key_dir = g_strdup (key_dir);
  self->selector = g_strdup (is_selector (selector) ? selector : PH_DKIM_SELECTOR);
  self->domains = dup_canonical (domains);

  return self;
}

/* Keys */

static const char *const endings[] = { [PH_DKIM_RSA] = "", [PH_DKIM_ED25519] = "-ed25519" };

static PhDkimKey *
open_key (PhDkimSigner   *self,
          const char     *domain,
          PhDkimAlgorithm algorithm,
          GError        **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s%s.pem", domain, self->selector, endings[algorithm]);
  g_autofree char *path = g_build_filename (self->key_dir, name, NULL);

  return ph_dkim_key_open (path, algorithm, error);
}

/* Both keys of a domain, borrowed: they stay. `domain` is one of ours, canonical: no path. */
static DomainKeys *
get_keys (PhDkimSigner *self,
          const char   *domain,
          GError      **error)
{
  DomainKeys *keys;

  g_mutex_lock (&self->mutex);
  keys = g_hash_table_lookup (self->keys, domain);
  if (keys == NULL)
    {
      keys = g_new0 (DomainKeys, 1);
      for (guint i = 0; keys != NULL && i < G_N_ELEMENTS (keys->keys); i++)
        {
          keys->keys[i] = open_key (self, domain, (PhDkimAlgorithm)i, error);
          if (keys->keys[i] == NULL)
            g_clear_pointer (&keys, domain_keys_free);
        }
      if (keys != NULL)
        g_hash_table_insert (self->keys, g_strdup (domain), keys);
    }
  g_mutex_unlock (&self->mutex);

  return keys;
}

char *
ph_dkim_signer_format_records (PhDkimSigner *self,
                               const char   *domain,
                               GError      **error)
{
  g_autofree char *canonical = canonicalize_domain (domain);
  DomainKeys      *keys;
  GString         *text;

  g_return_val_if_fail (PH_IS_DKIM_SIGNER (self), NULL);

  if (canonical == NULL)
    {
      /* Translators: what was written */
      g_set_error (error, PH_POLICY_ERROR, PH_POLICY_ERROR_FAILED, _ ("“%s” is no domain"), domain);
      return NULL;
    }
  keys = get_keys (self, canonical, error);
  if (keys == NULL)
    return NULL;

  text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (keys->keys); i++)
    {
      g_autofree char *record = ph_dkim_key_format_record (keys->keys[i]);

      g_string_append_printf (text, "%s%s._domainkey.%s  TXT  %s\n", self->selector, endings[i], canonical, record);
    }

  return g_string_free (text, FALSE);
}

/* Whose message it is */

/* The canonical domain of the only author, or NULL. */
static char *
dup_author_domain (const PhHeader *header)
{
  const PhHeaderField *from = ph_header_find (header, "From", NULL);
  g_autoptr (GPtrArray) authors = NULL;
  const PhHeaderAddress *author;

  if (from == NULL || ph_header_find (header, "From", from) != NULL)
    return NULL;

  authors = ph_header_address_list_parse (header->data + from->value_offset, from->value_length);
  if (authors->len != 1)
    return NULL;
  author = authors->pdata[0];

  return author->domain != NULL ? ph_address_normalize_domain (author->domain) : NULL;
}

/* The same, where it is one of ours. */
static char *
find_domain (PhDkimSigner   *self,
             const PhHeader *header)
{
  g_autofree char *domain = dup_author_domain (header);

  for (char **own = self->domains; domain != NULL && *own != NULL; own++)
    if (strcmp (*own, domain) == 0)
      return g_steal_pointer (&domain);

  return NULL;
}

/* Signing */

/* The names for h=, and the fields themselves in the relaxed form: of several of one name, the last first
 * (RFC 6376 section 5.4.2). */
static void
collect_fields (const PhHeader *header,
                GString        *list,
                PhBuffer       *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      for (guint j = header->n_fields; j > 0; j--)
        if (ph_header_field_has_name (header, &header->fields[j - 1], names[i]))
          {
            g_string_append_printf (list, "%s%s", list->len > 0 ? ":" : "", names[i]);
            ph_dkim_append_field (header, &header->fields[j - 1], PH_DKIM_RELAXED, out);
          }
      if (i < OVERSIGNED)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ":" : "", names[i]);
    }
}

/* Broken into lines where blanks mean nothing: after the colons of a list, anywhere in base64. */
static char *
fold (const char *text,
      gboolean    at_colons)
{
  GString *out = g_string_new (NULL);
  guint    column = 4;

  for (const char *c = text; *c != '\0'; c++)
    {
      gsize word = at_colons ? strcspn (c, ":") : 1;

      if ((!at_colons || c == text || c[-1] == ':') && column + word > LINE_MAX_COLUMNS)
        {
          g_string_append (out, "\r\n\t");
          column = 8;
        }
      g_string_append_c (out, *c);
      column++;
    }

  return g_string_free (out, FALSE);
}

static char *
sign_with (PhDkimSigner *self,
           const char   *domain,
           guint         algorithm,
           PhDkimKey    *key,
           const char   *list,
           PhBuffer     *fields,
           const char   *body_hash,
           gint64        now,
           GError      **error)
{
  g_auto (PhBuffer) data = { 0 };
  g_autofree char *folded = fold (list, TRUE);
  g_autofree char *signature = NULL;
  g_autofree char *signature_folded = NULL;
  g_autofree char *value = g_strdup_printf ("v=1; a=%s; c=relaxed/relaxed; d=%s;\r\n\ts=%s%s; t=%" G_GINT64_FORMAT ";\r\n\th=%s;\r\n\tbh=%s;\r\n\tb=",
                                            ph_dkim_key_get_algorithm (key), domain, self->selector, endings[algorithm], now, folded, body_hash);

  /* Section 3.7: the signed fields, then this one with an empty b=, without its line end. */
  ph_buffer_append (&data, ph_buffer_get_data (fields), ph_buffer_get_length (fields));
  ph_dkim_append_value ("DKIM-Signature", value, strlen (value), &data);
  signature = ph_dkim_key_sign (key, ph_buffer_get_data (&data), ph_buffer_get_length (&data), error);
  if (signature == NULL)
    return NULL;

  signature_folded = fold (signature, FALSE);

  return g_strdup_printf ("DKIM-Signature: %s%s\r\n", value, signature_folded);
}

static char *
sign_all (PhDkimSigner   *self,
          const char     *domain,
          const PhHeader *header,
          const guint8    digest[PH_DKIM_HASH_SIZE],
          gint64          now,
          GError        **error)
{
  DomainKeys      *keys = get_keys (self, domain, error);
  g_autofree char *body_hash = g_base64_encode (digest, PH_DKIM_HASH_SIZE);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (PhBuffer) fields = { 0 };

  if (keys == NULL)
    return NULL;

  collect_fields (header, list, &fields);
  for (guint i = G_N_ELEMENTS (keys->keys); i > 0; i--)
    {
      g_autofree char *field = sign_with (self, domain, i - 1, keys->keys[i - 1], list->str, &fields, body_hash, now, error);

      if (field == NULL)
        return NULL;
      g_string_append (text, field);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
hash_body (PhDkimReadFunc read,
           gpointer       read_data,
           guint64        offset,
           guint8         digest[PH_DKIM_HASH_SIZE])
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  PhDkimBody         body;
  gssize             n;

  ph_dkim_body_begin (&body, PH_DKIM_RELAXED, G_MAXUINT64);
  while ((n = read (read_data, offset, piece, PIECE)) > 0)
    {
      ph_dkim_body_feed (&body, piece, (gsize)n);
      offset += (guint64)n;
    }
  ph_dkim_body_end (&body, digest);

  return n == 0;
}

static gssize
read_fully (PhDkimReadFunc read,
            gpointer       read_data,
            guint8        *data,
            gsize          length)
{
  gsize got = 0;

  while (got < length)
    {
      gssize n = read (read_data, got, data + got, length - got);

      if (n < 0)
        return -1;
      if (n == 0)
        break;
      got += (gsize)n;
    }

  return (gssize)got;
}

char *
ph_dkim_signer_sign (PhDkimSigner  *self,
                     PhDkimReadFunc read,
                     gpointer       read_data,
                     gint64         now,
                     GError       **error)
{
  g_autofree guint8 *start = g_malloc (PH_HEADER_SIZE_MAX);
  gssize             length = read_fully (read, read_data, start, PH_HEADER_SIZE_MAX);
  g_autoptr (PhHeader) header = NULL;
  g_autofree char *domain = NULL;
  guint8           digest[PH_DKIM_HASH_SIZE];

  g_return_val_if_fail (PH_IS_DKIM_SIGNER (self), NULL);

  if (length < 0)
    {
      g_set_error_literal (error, PH_POLICY_ERROR, PH_POLICY_ERROR_FAILED, "The message could not be read");
      return NULL;
    }

  header = ph_header_parse (start, (gsize)length);
  domain = header->truncated ? NULL : find_domain (self, header);
  if (domain == NULL)
    return g_strdup ("");
  if (!hash_body (read, read_data, header->body_offset, digest))
    {
      g_set_error_literal (error, PH_POLICY_ERROR, PH_POLICY_ERROR_FAILED, "The message could not be read");
      return NULL;
    }

  return sign_all (self, domain, header, digest, now, error);
}
