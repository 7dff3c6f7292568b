#pragma once

#include "ph-server.h"

G_BEGIN_DECLS

/* How to connect to what runs: for people, and for scripts.  `accounts` are
 * "ADDRESS:PASSWORD", ended by ""; what is returned has the passwords in it and is
 * for the caller to wipe and free. */
char *ph_connect_info_format_text (PhServer          *server,
                                   const char *const *accounts,
                                   const char        *how_to_stop);

/* One line: {"services":[{"service":…,"address":…,"port":…,"tls":…},…],"accounts":[{"address":…,"password":…},…]} */
char *ph_connect_info_format_json (PhServer          *server,
                                   const char *const *accounts);

G_END_DECLS
