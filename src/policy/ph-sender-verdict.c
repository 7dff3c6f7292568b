#include "ph-sender-verdict.h"

#include "ph-address.h"
#include "ph-dkim-signature.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A reason in a comment; what is longer is cut. */
#define COMMENT_MAX 200

void
ph_sender_verdict_clear (PhSenderVerdict *self)
{
  g_clear_pointer (&self->sender, g_free);
  g_clear_pointer (&self->helo, g_free);
  g_clear_pointer (&self->name, g_free);
  ph_spf_outcome_clear (&self->spf);
  ph_dmarc_outcome_clear (&self->dmarc);
}

/* The field */

/* A comment that nothing can end: printable ASCII, with the quotation marks that it has. */
static void
append_comment (GString    *out,
                const char *text)
{
  gsize start = out->len;

  if (text == NULL)
    return;

  g_string_append (out, " (");
  for (; *text != '\0' && out->len - start < COMMENT_MAX; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == 0x201c || c == 0x201d)
        g_string_append_c (out, '"');
      else if (c < 0x20 || c >= 0x7f)
        g_string_append_c (out, '?');
      else
        g_string_append_printf (out, c == '(' || c == ')' || c == '\\' ? "\\%c" : "%c", (char)c);
    }
  g_string_append_c (out, ')');
}

/* As a token where it is one (RFC 2045), else quoted; nothing where it is not printable ASCII.  `also` may stand in it
 * unquoted: "@" in an address. */
static void
append_property (GString    *out,
                 const char *name,
                 const char *value,
                 const char *also)
{
  gboolean token = TRUE;

  if (value == NULL || *value == '\0')
    return;
  for (const char *c = value; *c != '\0'; c++)
    {
      if (!g_ascii_isprint (*c))
        return;
      token &= g_ascii_isalnum (*c) || strchr ("!#$%&'*+-.^_`{|}~", *c) != NULL || strchr (also, *c) != NULL;
    }

  g_string_append_printf (out, " %s=%s", name, token ? "" : "\"");
  for (const char *c = value; *c != '\0'; c++)
    g_string_append_printf (out, !token && (*c == '"' || *c == '\\') ? "\\%c" : "%c", *c);
  if (!token)
    g_string_append_c (out, '"');
}

static void
append_iprev (const PhSenderVerdict *self,
              GString               *out)
{
  g_string_append_printf (out, ";\r\n\tiprev=%s", ph_iprev_result_get_name (self->iprev));
  append_comment (out, self->name);
  append_property (out, "policy.iprev", self->client.text, ":");
}

/* Local parts that must be quoted are left out. */
static void
append_spf (const PhSenderVerdict *self,
            GString               *out)
{
  const char *at = strrchr (self->sender, '@');
  gboolean    is_plain = at != NULL && g_str_is_ascii (self->sender) && strpbrk (self->sender, "\" \\") == NULL;

  g_string_append_printf (out, ";\r\n\tspf=%s", ph_spf_result_get_name (self->spf.result));
  append_comment (out, self->spf.because.english);
  if (self->spf.is_helo)
    append_property (out, "smtp.helo", self->helo, "");
  else if (at != NULL)
    append_property (out, "smtp.mailfrom", is_plain ? self->sender : at + 1, is_plain ? "@/=?" : "");
}

static void
append_signatures (const PhSenderVerdict *self,
                   GString               *out)
{
  if (self->signatures->len == 0)
    g_string_append (out, ";\r\n\tdkim=none");
  for (guint i = 0; i < self->signatures->len; i++)
    {
      const PhDkimSignature *signature = self->signatures->pdata[i];

      g_string_append_printf (out, ";\r\n\tdkim=%s", ph_dkim_result_get_name (signature->result));
      append_comment (out, signature->reason.english);
      append_property (out, "header.d", signature->domain, "");
      append_property (out, "header.s", signature->selector, "");
      append_property (out, "header.a", signature->algorithm, "");
      append_property (out, "header.b", signature->start, "");
    }
}

static void
append_dmarc (const PhSenderVerdict *self,
              GString               *out)
{
  const PhDmarcOutcome *dmarc = &self->dmarc;
  g_autofree char      *policy = NULL;

  if (dmarc->result == PH_DMARC_PASS || dmarc->result == PH_DMARC_FAIL)
    policy = g_strdup_printf ("p=%s dis=%s: %s", ph_dmarc_policy_get_name (dmarc->policy), ph_dmarc_policy_get_name (dmarc->disposition), dmarc->because.english);
  g_string_append_printf (out, ";\r\n\tdmarc=%s", ph_dmarc_result_get_name (dmarc->result));
  append_comment (out, policy != NULL ? policy : dmarc->because.english);
  append_property (out, "header.from", dmarc->domain, "");
}

char *
ph_sender_verdict_format_field (const PhSenderVerdict *self,
                                const char            *authserv)
{
  GString *out = g_string_new ("Authentication-Results: ");

  g_string_append (out, authserv);
  if (self->has_iprev)
    append_iprev (self, out);
  append_spf (self, out);
  append_signatures (self, out);
  append_dmarc (self, out);
  g_string_append (out, "\r\n");

  return g_string_free (out, FALSE);
}

/* For people */

static char *
describe_iprev (const PhSenderVerdict *self)
{
  switch (self->iprev)
    {
    case PH_IPREV_PASS:
      /* Translators: a host */
      return g_strdup_printf (_ ("The client’s name is %s"), self->name);
    case PH_IPREV_FAIL:
      /* Translators: a host */
      return g_strdup_printf (_ ("The client says it is %s, but that name is of another address"), self->name);
    case PH_IPREV_TEMPERROR:
      return g_strdup (_ ("The client’s name is not to be had now"));
    case PH_IPREV_PERMERROR:
    default:
      return g_strdup (_ ("The client’s address has no name in DNS"));
    }
}

static char *
describe_signature (const PhDkimSignature *signature)
{
  if (signature->result == PH_DKIM_PASS)
    /* Translators: a domain, an algorithm, and a word */
    return g_strdup_printf (_ ("DKIM pass: signed by %s (%s, selector %s)"), signature->domain, signature->algorithm, signature->selector);

  /* Translators: “fail” or another word of the standard, a domain, and why */
  return g_strdup_printf (_ ("DKIM %s: the signature of %s does not count: %s"), ph_dkim_result_get_name (signature->result),
                          signature->domain != NULL ? signature->domain : "?", signature->reason.local != NULL ? signature->reason.local : "?");
}

GStrv
ph_sender_verdict_describe (const PhSenderVerdict *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  const PhDmarcOutcome *dmarc = &self->dmarc;

  if (self->has_iprev)
    g_ptr_array_add (lines, describe_iprev (self));
  /* Translators: “pass” or another word of the standard, an address, a domain, and the answer to the question */
  g_ptr_array_add (lines, g_strdup_printf (_ ("SPF %s: %s may send for %s? %s"), ph_spf_result_get_name (self->spf.result), self->client.text,
                                           self->spf.domain != NULL ? self->spf.domain : _ ("nobody"), self->spf.because.local));
  for (guint i = 0; i < self->signatures->len; i++)
    g_ptr_array_add (lines, describe_signature (self->signatures->pdata[i]));
  if (self->signatures->len == 0)
    g_ptr_array_add (lines, g_strdup (_ ("DKIM none: the message is not signed")));
  /* Translators: “pass” or another word of the standard, a domain, the answer to the question, and “none”, “quarantine” or “reject” */
  g_ptr_array_add (lines, g_strdup_printf (_ ("DMARC %s: is it of %s? %s (policy %s)"), ph_dmarc_result_get_name (dmarc->result),
                                           dmarc->domain != NULL ? dmarc->domain : _ ("anybody"), dmarc->because.local != NULL ? dmarc->because.local : "?", ph_dmarc_policy_get_name (dmarc->policy)));
  if (self->null_mx)
    g_ptr_array_add (lines, g_strdup (_ ("The sender’s domain says that it takes no mail (null MX)")));
  g_ptr_array_add (lines, NULL);

  return (GStrv)g_ptr_array_steal (lines, NULL);
}
