//! API tokens and cloud tenants.

use super::{build::Build, modules};
use crate::{
    cell::{Cell, object, row},
    schema::Entity,
};

const PURPOSES: &[&str] =
    &["ERP connector", "Reporting", "Procurement bot", "Directory sync", "Billing export", "Terraform"];
const TENANT_TYPES: &[&str] = &["AwsDirect", "AwsService", "Csp365", "CspAzure", "Ea365", "EaAzure", "Slm", "Virtual"];

/// The first three tokens act for the first account of each role and are always active.
pub(super) fn tokens(build: &mut Build, count: usize) {
    const FIXED: [(&str, &str); 3] = [("operations", "Operations"), ("vendor", "Vendor"), ("client", "Client")];
    for place in 0..count {
        let id = build.tokens.next();
        let account = if place < FIXED.len() { place } else { build.luck.below(build.firms.len()) };
        let luck = &mut build.luck;
        let (secret, name) = match FIXED.get(place) {
            Some((secret, role)) => ((*secret).to_owned(), format!("Sandbox {role}")),
            None => (format!("{:016x}", luck.next()), luck.pick(PURPOSES).to_string()),
        };
        let status = match place {
            0..3 => "Active",
            3 | 4 => "Disabled",
            _ => ["Active", "Active", "Active", "Active", "Disabled", "Disabled"][luck.below(6)],
        };
        let allowed = modules::allowed(build.firms[account].role.name());
        let held = 1 + luck.below(allowed.len());
        let held = luck.some(held, allowed.len()).into_iter().map(|module| allowed[module]).collect();
        let values = [
            ("revision", luck.between(1, 6).into()),
            ("name", name.into()),
            ("icon", luck.chance(20).then(|| format!("/v1/accounts/api-tokens/{id}/icon")).into()),
            ("description", luck.chance(50).then_some("Issued for an integration").into()),
            ("status", status.into()),
            ("lastAccessAt", luck.chance(70).then(|| build.moment(2025)).into()),
            ("token", format!("idt:{id}:{secret}").into()),
            ("account", Cell::One(account)),
            ("modules", Cell::Many(held)),
            ("id", id.into()),
            ("audit", build.audit(Entity::ApiToken, [])),
        ];
        build.push(Entity::ApiToken, row(Entity::ApiToken.fields(), values));
    }
}

/// Cloud tenants of client accounts.
pub(super) fn tenants(build: &mut Build, count: usize) {
    for place in 0..count {
        let account = *build.luck.pick(&build.clients);
        let kind = TENANT_TYPES[place % TENANT_TYPES.len()];
        let luck = &mut build.luck;
        let ids = [
            ("cloudConsumptionId", luck.uuid().into()),
            ("providerId", luck.chance(60).then(|| format!("P-{:06}", luck.below(1_000_000))).into()),
            ("pyraTenantId", luck.uuid().into()),
        ];
        let values = [
            ("id", build.tenants.next().into()),
            ("revision", luck.between(1, 6).into()),
            ("name", format!("{} {kind}", build.firms[account].name).into()),
            ("status", ["Active", "Active", "Active", "Disabled", "Disabled"][place % 5].into()),
            ("type", kind.into()),
            ("account", Cell::One(account)),
            ("externalIds", object(Entity::CloudTenant, "externalIds", ids)),
            ("audit", build.audit(Entity::CloudTenant, [])),
        ];
        build.push(Entity::CloudTenant, row(Entity::CloudTenant.fields(), values));
    }
}
