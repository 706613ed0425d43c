//! Which table describes which kind of row.

use super::{Entity, Field, tables};

impl Entity {
    /// Its properties, in row order; the first one is always the id.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Entity::User => tables::USER,
            Entity::Account => tables::ACCOUNT,
            Entity::Group => tables::GROUP,
            Entity::Module => tables::MODULE,
            Entity::Buyer => tables::BUYER,
            Entity::Seller | Entity::Supplier => tables::SELLER,
            Entity::Licensee => tables::LICENSEE,
            Entity::ErpLink => tables::ERP_LINK,
            Entity::ApiToken => tables::API_TOKEN,
            Entity::CloudTenant => tables::CLOUD_TENANT,
            Entity::AccountUser => tables::ACCOUNT_USER,
            Entity::Service => tables::SERVICE,
            Entity::Extension => tables::EXTENSION,
            Entity::Member => tables::MEMBER,
            Entity::Access => tables::ACCESS,
        }
    }

    /// The place of a property that this program itself names, by its key.
    pub(crate) fn slot(self, key: &str) -> usize {
        let slot = super::find_key(self.fields(), key);
        debug_assert!(slot.is_some(), "{self:?} has no {key}");
        slot.unwrap_or_default()
    }
}
