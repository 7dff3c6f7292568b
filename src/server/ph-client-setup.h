#pragma once

#include "ph-account.h"
#include "ph-service.h"

G_BEGIN_DECLS

/* What a mail program wants to know of an account, in the forms that programs read.  Each
 * function takes the services of the server (of PhService), and names those that are enabled and
 * that the account may use, the best first; `host_name` is the name of this computer, for services
 * that listen on all of its addresses.  No secret is in any of them.  The results are transfer full;
 * NULL where there is nothing to read with, or nothing to send with (but for the records, which are
 * the domain's), and for the code, which is for a phone, where nothing of these listens that another
 * device could reach. */
typedef enum {
  PH_CLIENT_SETUP_AUTOCONFIG, /* Thunderbird's, and what Evolution, K-9 and FairEmail read: config-v1.1.xml */
  PH_CLIENT_SETUP_PROFILE,    /* of Apple's devices: .mobileconfig */
  PH_CLIENT_SETUP_RECORDS,    /* SRV records for the domain's zone (RFC 6186, RFC 8314 section 5.1) */
  PH_CLIENT_SETUP_CODE,       /* what Thunderbird for phones reads from a QR code ("Export for Mobile", version 1) */
} PhClientSetupFormat;

char *ph_client_setup_format (GListModel         *services,
                              PhAccount          *account,
                              const char         *host_name,
                              PhClientSetupFormat format);

/* What of an account's allowed uses the service is; 0 where other servers connect to it, and no
 * program of a person. */
PhProtocols ph_client_setup_get_protocol (PhService *service);

/* "config-v1.1.xml", …: what to name the file, of those that are files. Static. */
const char *ph_client_setup_get_file_name (PhClientSetupFormat format);

/* Where clients reach the service: its address, or `host_name` where it listens on all. Borrowed from either. */
const char *ph_client_setup_get_host (PhService  *service,
                                      const char *host_name);

G_END_DECLS
