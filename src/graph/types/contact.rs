//! Contact persons.

use super::{phone::Phone, user::User};
use crate::graph::reference::Ref;
use async_graphql::SimpleObject;

/// The person to talk to about a buyer or a licensee, who may or may not have a user on the platform.
#[derive(SimpleObject)]
pub struct Contact {
    /// Full name of the person. Null if not given.
    pub name: Option<String>,
    /// Given name of the person. Null if not given.
    pub first_name: Option<String>,
    /// Family name of the person. Null if not given.
    pub last_name: Option<String>,
    /// E-mail address of the person. Null if not given.
    pub email: Option<String>,
    /// Phone number of the person. Null if not given.
    pub phone: Option<Phone>,
    /// The platform user who is this person. Null if the person is not a user.
    pub user: Option<Ref<User>>,
}
