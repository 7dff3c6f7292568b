#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of one clause, in bytes. */
#define PH_RECEIVED_CLAUSE_MAX 1024

/* Bytes from the start of a message in which the first field is whole, as we write it. */
#define PH_RECEIVED_FIRST_MAX 1536

/**
 * PhReceived:
 *
 * What a Received field says (RFC 5321 4.4), read leniently: the clauses in any
 * order, comments with the clause before them.  Strings are as written, maybe not
 * UTF-8, NULL where there is no such clause.  A plain struct, owned by whoever parsed it.
 */
typedef struct
{
  char  *from;         /* the name that the client gave */
  char  *from_comment; /* what the server found out: "[192.0.2.1]" */
  char  *by;
  char  *with;         /* "ESMTPSA" */
  char  *with_comment; /* "TLS1.3 …" */
  char  *id;
  char  *recipient; /* of "for", without brackets */
  gint64 time;      /* seconds since 1970; 0 where it can't be read */
} PhReceived;

/* `value` is the field's unfolded value. */
PhReceived *ph_received_parse (const char *value);

/* The ID that the last server, the one whose field comes first, gave to the message that begins with these
 * bytes; NULL where it says none.  Transfer full. */
char *ph_received_dup_first_id (const guint8 *data,
                                gsize         length);

void ph_received_free (PhReceived *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhReceived, ph_received_free)

G_END_DECLS
