#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  PH_SERVICE_OUTCOME_ANSWERED,    /* from its greeting to its goodbye */
  PH_SERVICE_OUTCOME_UNREACHABLE, /* nothing listens there, or no way leads there */
  PH_SERVICE_OUTCOME_SILENT,      /* it took longer than PH_SERVICE_TEST_SECONDS */
  PH_SERVICE_OUTCOME_CLOSED,      /* it hung up in mid-conversation */
  PH_SERVICE_OUTCOME_REFUSED,     /* it sent us away with the words in `said` */
  PH_SERVICE_OUTCOME_STRANGE,     /* `said` is not of its protocol, or has no end */
  PH_SERVICE_OUTCOME_NO_TLS,      /* the handshake failed: `said` is why */
} PhServiceOutcome;

/* What a client would find wrong with the certificate: any of these. */
typedef enum {
  PH_CERTIFICATE_FAULT_NAME = 1 << 0,      /* it is not for the name of this server */
  PH_CERTIFICATE_FAULT_DATE = 1 << 1,      /* it has expired, or is not good yet */
  PH_CERTIFICATE_FAULT_UNTRUSTED = 1 << 2, /* nobody signed it whom we know */
  PH_CERTIFICATE_FAULT_OTHER = 1 << 3,     /* broken, too weak, or made for something else */
} PhCertificateFaults;

/**
 * PhServiceAnswer:
 *
 * What became of a test of a service (ph-service-test.h), as values: whoever shows
 * them finds the words.  Immutable once it is given out; reference counted.
 */
typedef struct
{
  PhServiceOutcome outcome;
  char            *said;        /* escaped and cut, or NULL */
  gint64           delay;       /* µs until it had greeted; -1 where it never did */
  char            *tls_version; /* "TLS1.3"; NULL where all was in clear */
  char            *name;        /* that the certificate is to have */
  gint64           expiry;      /* of the certificate, real time in µs; 0 without */
  guint            faults;      /* PhCertificateFaults */
  char            *offers;      /* "SIZE 52428800, PIPELINING"; NULL where it did not come so far */
} PhServiceAnswer;

PhServiceAnswer *ph_service_answer_new (void);
void             ph_service_answer_unref (PhServiceAnswer *self);

/* "answered", "unreachable", …: for scripts. */
const char *ph_service_outcome_get_name (PhServiceOutcome outcome);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhServiceAnswer, ph_service_answer_unref)

G_END_DECLS
