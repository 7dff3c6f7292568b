#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* A whole message is returned up to this size, above it only its header (V29). */
#define PH_DSN_MESSAGE_MAX (64 * 1024)

/* A returned header is cut at the end of a line before this. */
#define PH_DSN_HEADER_MAX (100 * 1024)

typedef enum {
  PH_DSN_FAILED,
  PH_DSN_DELAYED,
  PH_DSN_DELIVERED,
  PH_DSN_RELAYED, /* to a server without DSN */
  PH_DSN_EXPANDED,
} PhDsnAction;

/* Strings are UTF-8, borrowed, made harmless (V14), and NULL where unknown. */
typedef struct
{
  PhDsnAction action;
  const char *final_recipient;    /* "bob@example.org" */
  const char *original_recipient; /* ORCPT decoded: "rfc822;bob@example.net" */
  const char *status;             /* "5.1.1"; by the action if NULL or malformed */
  const char *remote_mta;         /* host name that answered */
  const char *diagnostic;         /* its reply: "550 5.1.1 no such user" */
  gint64      last_attempt;       /* seconds since 1970; 0 unknown */
  gint64      will_retry_until;   /* the same; DELAYED only */
} PhDsnRecipient;

/**
 * PhDsn:
 *
 * What a delivery status notification says (RFC 3464, 3461, 6533): filled in by
 * whoever gives up, delays or was asked to confirm, formatted here, then sent
 * with a null sender.  A plain struct whose pointers are borrowed for the call.
 */
typedef struct
{
  const char *reporting_mta; /* our host name; also of From: and Message-ID: */
  const char *sender;        /* whom the DSN goes to: MAIL FROM of the original */
  const char *envelope_id;   /* ENVID decoded, or NULL */
  gint64      arrival_time;  /* seconds since 1970; 0 unknown */
  const char *hold;          /* "for;3600" where the sender asked to keep it so long (RFC 4865), or NULL */
  gint64      now;

  const PhDsnRecipient *recipients;
  guint                 n_recipients;

  const guint8 *message; /* the original from its first byte: header, maybe body */
  gsize         message_length;
  gboolean      whole; /* `message` has the body too and it is to be returned */
} PhDsn;

/* Appends the complete message with CRLF line ends: multipart/report with words
 * for a person, message/delivery-status, and the original or its header.
 * Recipients are not filtered by NOTIFY; that is the caller's. */
void ph_dsn_format (const PhDsn *self,
                    PhBuffer    *out);

G_END_DECLS
