from odoo import fields, models


class Tenant(models.Model):
    _name = "vendor.ops.tenant"
    _description = "Tenant"

    name = fields.Char(required=True)
    code = fields.Char(required=True)
    subdomain = fields.Char()
    plan = fields.Selection([("starter", "Starter"), ("growth", "Growth")])
    bridge_sync_status = fields.Selection([("pending", "Pending"), ("ok", "OK")])
    business_base_url = fields.Char()
    notes = fields.Text()
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("unique(code)", "Another tenant has this code.")


class TenantUser(models.Model):
    _name = "vendor.ops.tenant.user"
    _description = "Tenant User"

    tenant_id = fields.Many2one("vendor.ops.tenant", required=True, index=True, ondelete="cascade")
    email = fields.Char(required=True)
    name = fields.Char()
    role = fields.Selection([("admin", "Administrator"), ("member", "Member")])
    odoo18_user_id = fields.Integer()
    odoo18_login = fields.Char()
    active = fields.Boolean(default=True)

    _tenant_email_unique = models.Constraint(
        "unique(tenant_id, email)", "Another user of this tenant has this e-mail address."
    )
