from django.db import migrations

# Run with the rights of their owner, since they are asked before a tenant is known. They return ids and nothing else.
BY_ADDRESS = """
CREATE FUNCTION accounts_organizations_of_address(address text) RETURNS TABLE (id bigint, public_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.id, o.public_id
  FROM public.accounts_membership m
  JOIN public.accounts_user u ON u.id = m.user_id
  JOIN public.accounts_organization o ON o.id = m.organization_id
  WHERE lower(u.email) = lower(address)
  ORDER BY m.created_at, m.id
$$;
REVOKE ALL ON FUNCTION accounts_organizations_of_address(text) FROM PUBLIC;
"""
BY_ID = """
CREATE FUNCTION accounts_organization_of_public_id(sought uuid) RETURNS TABLE (id bigint, public_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.id, o.public_id FROM public.accounts_organization o WHERE o.public_id = sought
$$;
REVOKE ALL ON FUNCTION accounts_organization_of_public_id(uuid) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_outgoing_mail_given_up")]

    operations = [
        migrations.RunSQL(BY_ADDRESS, "DROP FUNCTION accounts_organizations_of_address(text)"),
        migrations.RunSQL(BY_ID, "DROP FUNCTION accounts_organization_of_public_id(uuid)"),
    ]
