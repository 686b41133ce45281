"""Django looks here for what the admin shows. The pages of the desk stand in monitoring/desk/."""
