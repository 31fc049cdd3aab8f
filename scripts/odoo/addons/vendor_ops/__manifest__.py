{
    "name": "Vendor Operations",
    "version": "1.0",
    "author": "Tenantry",
    "summary": "The tenants and their users, as Tenantry's pipeline records them",
    "license": "LGPL-3",
    "depends": ["rpc", "web"],
    "data": ["security/ir.model.access.csv"],
}
