#include "ph-row-name.h"

void
ph_row_keep_name (GtkWidget *control)
{
  /* The row's relation to its title goes before a label. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

void
ph_row_name_control (GtkWidget  *control,
                     const char *name)
{
  ph_row_keep_name (control);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
