#pragma once

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_CONTROL_PATH "/org/posthouse/Posthouse"
#define PH_CONTROL_INTERFACE "org.posthouse.Posthouse"
#define PH_CONTROL_ERROR_REFUSED "org.posthouse.Posthouse.Error.Refused"

#define PH_TYPE_CONTROL (ph_control_get_type ())
G_DECLARE_FINAL_TYPE (PhControl, ph_control, PH, CONTROL, GObject)

/**
 * PhControl:
 *
 * What a running Posthouse lets others of the same user do, as the D-Bus interface
 * that org.posthouse.Posthouse.xml describes.  It may be exported on any number of
 * connections; whoever exports it answers for who is at their other end.  Owned by
 * the program.
 *
 * Signals: "stopped" when somebody has stopped all services through it, "quit" when
 * somebody asks the program to end.
 */
PhControl *ph_control_new (void);

/* Without a server it refuses everything: `trouble` (or NULL) says why there is none.  So
 * it can be exported before the bus knows the program's name. */
void ph_control_set_server (PhControl  *self,
                            PhServer   *server,
                            const char *trouble);

/* 0 with an error, else an id for g_dbus_connection_unregister_object(). */
guint ph_control_export (PhControl       *self,
                         GDBusConnection *connection,
                         GError         **error);

G_END_DECLS
