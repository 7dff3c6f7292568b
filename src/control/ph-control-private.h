#pragma once

#include "ph-control.h"

G_BEGIN_DECLS

/* What answers one method; nobody but ph-control*.c includes this.  The invocation
 * is answered by ph_control_succeed() or ph_control_refuse(), at once or later. */
typedef struct
{
  const char *name;
  void (*handle) (PhControl             *self,
                  GVariant              *parameters,
                  GDBusMethodInvocation *invocation);
} PhControlMethod;

/* Tables that end with a NULL name. */
extern const PhControlMethod ph_control_services_methods[];
extern const PhControlMethod ph_control_accounts_methods[];
extern const PhControlMethod ph_control_app_passwords_methods[];
extern const PhControlMethod ph_control_automatic_reply_methods[];
extern const PhControlMethod ph_control_domains_methods[];
extern const PhControlMethod ph_control_mail_methods[];
extern const PhControlMethod ph_control_transfer_methods[];

/* Borrowed; not NULL while a method is handled. */
PhServer *ph_control_get_server (PhControl *self);

/* Both take the invocation; `result` may be floating, NULL for none. */
void ph_control_succeed (GDBusMethodInvocation *invocation,
                         GVariant              *result);
void ph_control_refuse (GDBusMethodInvocation *invocation,
                        const char            *message);

/* For asynchronous calls of the server: answers with nothing, or with the error. */
void ph_control_answer (GDBusMethodInvocation *invocation,
                        gboolean               succeeded,
                        const GError          *error);

/* The account of that address, borrowed; where there is none, the invocation is refused. */
PhAccount *ph_control_find_account (PhControl             *self,
                                    const char            *address,
                                    GDBusMethodInvocation *invocation);

/* The callback of whatever ends with ph_server_account_finish(); `user_data` is the invocation. */
void ph_control_account_done_cb (GObject      *source,
                                 GAsyncResult *result,
                                 gpointer      user_data);

/* D-Bus strings are valid UTF-8 and not NULL: floating. */
GVariant *ph_control_new_string (const char *text);

/* The signals, once the answers on this connection have left: the program may end then. */
void ph_control_stopped (PhControl       *self,
                         GDBusConnection *connection);
void ph_control_quit (PhControl       *self,
                      GDBusConnection *connection);

G_END_DECLS
