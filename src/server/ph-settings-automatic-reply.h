#pragma once

#include "ph-account.h"

G_BEGIN_DECLS

/*
 * An account's automatic reply in the ini file, beside what else its group has; nothing where it was never written:
 *
 *   [Account bob@example.org]
 *   AutomaticReply=true  AutomaticReplySubject=Away  AutomaticReplyText=Back in January\n
 *   AutomaticReplyFirstDay=2026-12-24  AutomaticReplyLastDay=2027-01-06  AutomaticReplyDays=7
 */

/* FALSE and PH_SERVER_ERROR_SETTINGS, and which key it is in *bad_key. */
gboolean ph_settings_automatic_reply_read (PhAccount   *account,
                                           GKeyFile    *file,
                                           const char  *group,
                                           const char **bad_key,
                                           GError     **error);

void ph_settings_automatic_reply_write (PhAccount  *account,
                                        GKeyFile   *file,
                                        const char *group);

gboolean ph_settings_automatic_reply_knows (const char *key);

G_END_DECLS
