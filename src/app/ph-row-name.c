#include "ph-row-name.h"

void
ph_row_name_control (GtkWidget  *control,
                     const char *name)
{
  /* The row's relation to its title goes before a label. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
