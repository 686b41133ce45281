"""A member's own pages: dashboard, watchlist, inbox, settings; and the button that follows a platform."""
