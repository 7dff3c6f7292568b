#pragma once

#include "ph-relay-target.h"

G_BEGIN_DECLS

/* A smarthost in the ini file: that of [Smarthost], whose keys are rows of the table of keys; or, for single domains, one of
 *
 *   [Smarthost NAME]
 *   Domains=  Host=  Port=  Tls=  User=  Password=  Login=
 */
typedef struct
{
  char          *domains; /* as PhRelayRules has them; NULL: all mail that has no other way */
  PhRelayTarget *target;
} PhSettingsSmarthost;

/* What can't be used: free with ph_settings_fault_clear(). */
typedef struct
{
  char       *group;
  const char *key;
  char       *why;
} PhSettingsFault;

void ph_settings_fault_clear (PhSettingsFault *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhSettingsFault, ph_settings_fault_clear)

/* Of PhSettingsSmarthost; the one without domains is the first.  What is wrong is left out, and the first of it is `fault`. */
GPtrArray *ph_settings_smarthosts_read (GKeyFile        *file,
                                        PhSettingsFault *fault);

/* In a group with a NAME. */
gboolean ph_settings_smarthosts_knows (const char *group,
                                       const char *key);

G_END_DECLS
