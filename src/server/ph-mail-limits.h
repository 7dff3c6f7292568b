#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

/* Addresses and accounts remembered; when there are more, those that were quiet longest go. */
#define PH_MAIL_LIMITS_KEYS_MAX 4096

/* Messages and recipients in an hour; 0: any number. */
typedef struct
{
  guint address_messages;
  guint address_recipients;
  guint account_messages;
  guint account_recipients;
} PhMailLimitsConfig;

typedef enum {
  PH_MAIL_LIMITS_MESSAGE,
  PH_MAIL_LIMITS_RECIPIENT,
} PhMailLimitsWhat;

#define PH_TYPE_MAIL_LIMITS (ph_mail_limits_get_type ())
G_DECLARE_FINAL_TYPE (PhMailLimits, ph_mail_limits, PH, MAIL_LIMITS, GObject)

/**
 * PhMailLimits:
 *
 * How much mail one address (an IPv4 address, or the /64 of an IPv6 one) or one account may
 * send in an hour: so that a stranger can't flood the house, and a stolen password is worth
 * little (S28).  Counts by the clock with buckets that fill up evenly, so nobody waits longer
 * than it takes.  Whoever asks leaves out this computer's loopback.  Main context only.
 */
PhMailLimits *ph_mail_limits_new (PhClock *clock);

void ph_mail_limits_configure (PhMailLimits             *self,
                               const PhMailLimitsConfig *config);

/* Counts one more; FALSE where that is over the limit, and nothing is counted. */
gboolean ph_mail_limits_take_address (PhMailLimits    *self,
                                      PhMailLimitsWhat what,
                                      const char      *peer_address);
gboolean ph_mail_limits_take_account (PhMailLimits    *self,
                                      PhMailLimitsWhat what,
                                      const char      *account);

/* For tests. */
guint ph_mail_limits_get_n_keys (PhMailLimits *self);

G_END_DECLS
