#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* A message with this many Received fields loops (V28). */
#define PH_TRACE_HOPS_MAX 50

/**
 * PhTrace:
 *
 * What a Received: field says of one hop (RFC 5321 4.4).  A plain struct whose
 * pointers are borrowed for the call; strings from the peer are made harmless.
 */
typedef struct
{
  const char *helo;          /* as the client said it, or NULL */
  const char *peer_name;     /* by reverse DNS, or NULL */
  const char *peer_address;  /* "192.0.2.1", "2001:db8::1"; NULL if not by network */
  const char *host;          /* our name */
  const char *id;            /* queue id, or NULL */
  const char *recipient;     /* only if there is just one; else NULL */
  const char *tls;           /* "TLS1.3 with cipher …" for a comment, or NULL */
  gboolean    extended;      /* EHLO was said */
  gboolean    secured;       /* TLS: the S of RFC 3848 */
  gboolean    authenticated; /* the A */
  gboolean    lmtp;
  gboolean    utf8; /* SMTPUTF8 was asked for: UTF8SMTP, RFC 6531 4.3 */
  gint64      time; /* seconds since 1970 */
} PhTrace;

/* Appends the whole field, folded, with its CRLF. */
void ph_trace_append_received (const PhTrace *self,
                               PhBuffer      *out);

/* "Return-Path: <sender>" with CRLF; "" or NULL is the null sender. */
void ph_trace_append_return_path (const char *sender,
                                  PhBuffer   *out);

/* "Delivered-To: address" with CRLF (RFC 9228), for an address as ph_address_normalize() gives it. */
void ph_trace_append_delivered_to (const char *address,
                                   PhBuffer   *out);

/* A new unique "<…@host>". */
char *ph_trace_new_message_id (const char *host);

/* Received fields in the header of a message. */
guint ph_trace_count_received (const guint8 *data,
                               gsize         length);

G_END_DECLS
