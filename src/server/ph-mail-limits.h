#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

/* Addresses and accounts remembered; when there are more, those that were quiet longest go. */
#define PH_MAIL_LIMITS_KEYS_MAX 4096

/* How many in an hour, or in a day; 0: any number. */
typedef struct
{
  guint    address_messages;
  guint    address_recipients;
  guint    address_unknown; /* recipients that there are none of */
  guint    account_messages;
  guint    account_recipients;
  guint    account_messages_day;
  guint    account_recipients_day;
  gboolean counts_loopback; /* for whoever asks: this computer's own, too */
} PhMailLimitsConfig;

typedef enum {
  PH_MAIL_LIMITS_MESSAGE,
  PH_MAIL_LIMITS_RECIPIENT,
  PH_MAIL_LIMITS_UNKNOWN,
  PH_MAIL_LIMITS_N_WHATS,
} PhMailLimitsWhat;

typedef enum {
  PH_MAIL_LIMITS_WITHIN,
  PH_MAIL_LIMITS_OVER_HOUR,
  PH_MAIL_LIMITS_OVER_DAY,
} PhMailLimitsVerdict;

#define PH_TYPE_MAIL_LIMITS (ph_mail_limits_get_type ())
G_DECLARE_FINAL_TYPE (PhMailLimits, ph_mail_limits, PH, MAIL_LIMITS, GObject)

/**
 * PhMailLimits:
 *
 * How much mail one address (an IPv4 address, or the /64 of an IPv6 one) or one account may
 * send in an hour and in a day: so that a stranger can't flood the house or find out who lives
 * in it (V20), and a stolen password is worth little (S28).  Counts by the clock with buckets
 * that fill up evenly, so nobody waits longer than it takes.  In memory only: a restart begins
 * anew, which costs one more day's mail at worst, and each message would cost a write else.
 * Whoever asks leaves out this computer's loopback.  Main context only.
 */
PhMailLimits *ph_mail_limits_new (PhClock *clock);

void ph_mail_limits_configure (PhMailLimits             *self,
                               const PhMailLimitsConfig *config);

gboolean ph_mail_limits_counts_loopback (PhMailLimits *self);

/* Counts one more, unless that is over a limit: then nothing is counted. */
PhMailLimitsVerdict ph_mail_limits_take_address (PhMailLimits    *self,
                                                 PhMailLimitsWhat what,
                                                 const char      *peer_address);
PhMailLimitsVerdict ph_mail_limits_take_account (PhMailLimits    *self,
                                                 PhMailLimitsWhat what,
                                                 const char      *account);

/* Whether one more would be counted; counts nothing. */
gboolean ph_mail_limits_has_room (PhMailLimits    *self,
                                  PhMailLimitsWhat what,
                                  const char      *peer_address);

/* The number that was passed, of an address or an account, by the verdict that was given. */
guint ph_mail_limits_get_number (PhMailLimits       *self,
                                 PhMailLimitsWhat    what,
                                 gboolean            of_account,
                                 PhMailLimitsVerdict verdict);

/* For tests. */
guint ph_mail_limits_get_n_keys (PhMailLimits *self);

G_END_DECLS
