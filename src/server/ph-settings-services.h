#pragma once

#include "ph-service-rules.h"
#include "ph-settings-keys.h"
#include "ph-settings-smarthosts.h"

G_BEGIN_DECLS

#define PH_SETTINGS_LOOPBACK "127.0.0.1"

/* A service in the ini file:
 *
 *   [Service NAME]
 *   Enabled=  Address=  Port=  Tls=  Connections=  ConnectionsPerAddress=  Silence=
 */
typedef struct
{
  const PhSettingsService *row;
  gboolean                 enabled;
  char                    *address;
  guint16                  port;
  PhServiceRules           rules;
} PhServiceSettings;

/* One for each of ph_settings_services, as shipped. */
PhServiceSettings *ph_settings_services_new (void);
void               ph_settings_services_free (PhServiceSettings *services);

/* FALSE, and what is wrong in `fault`. */
gboolean ph_settings_services_read (PhServiceSettings *services,
                                    GKeyFile          *file,
                                    PhSettingsFault   *fault);

/* What was never set otherwise than as shipped, of the rules, stays out of the file. */
void ph_settings_services_write (const PhServiceSettings *service,
                                 const char              *name,
                                 GKeyFile                *file);

gboolean ph_settings_services_knows (const char *group,
                                     const char *key);

G_END_DECLS
