"""The mail catcher: a process of its own that takes every mail by SMTP, delivers none, and shows what it took."""
