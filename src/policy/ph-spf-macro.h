#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhSpfMacroValues:
 *
 * What the macros of a domain-spec or an explanation stand for (RFC 7208 section 7.2).  All borrowed.
 */
typedef struct
{
  const char *local;     /* l */
  const char *origin;    /* o: the sender's domain */
  const char *domain;    /* d */
  const char *helo;      /* h */
  const char *address;   /* c: as people write it */
  const char *dotted;    /* i: with dots between nibbles for IPv6 */
  gboolean    is_ipv6;   /* v */
  const char *validated; /* p; NULL: "unknown" */
  const char *receiver;  /* r */
  gint64      now;       /* t, seconds */
} PhSpfMacroValues;

/* TRUE where `text` is a domain-spec, or an explain-string, of section 7.1. */
gboolean ph_spf_macro_is_domain_spec (const char *text);
gboolean ph_spf_macro_is_explanation (const char *text);

/* TRUE where %{p} is in it, for which DNS must be asked first. */
gboolean ph_spf_macro_needs_validated (const char *text);

/* Of a text that is one of the two: a name of at most 253 characters without its last dot (section 7.3); NULL where
 * it can be no name, or would have a local part that is not ASCII in it (RFC 8616 section 4). */
char *ph_spf_macro_expand_domain (const char             *text,
                                  const PhSpfMacroValues *values);

/* Printable ASCII, cut where it is too long for a reply. */
char *ph_spf_macro_expand_explanation (const char             *text,
                                       const PhSpfMacroValues *values);

G_END_DECLS
