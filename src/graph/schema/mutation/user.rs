//! Changes of users.

use super::{
    declared::{Body, MutationDef, delete, post, put},
    parts::{NumberFormatInput, PhoneInput},
};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of users.
pub const MUTATIONS: &[MutationDef] = &[
    put("updateUser", "users/{id}", Kind::User)
        .takes::<UpdateUserInput>()
        .does("Changes a user's own data, or the account in which the user works at present."),
    post("setUserPassword", "users/{id}/set-password", Kind::User)
        .takes::<SetUserPasswordInput>()
        .sends(Body::Members)
        .does("Sets a user's password. Only for oneself."),
    post("blockUser", "users/{id}/block", Kind::User)
        .does("Keeps a user from signing in to any account. Operations only."),
    post("unblockUser", "users/{id}/unblock", Kind::User)
        .does("Lets a blocked user sign in again; the status follows from the memberships. Operations only."),
    delete("deleteUser", "users/{id}", Kind::User).does("Deletes a disabled user for good. Operations only."),
];

/// The input of `updateUser`: absence leaves a value alone, null clears it. The e-mail address cannot be changed.
// The documentation prints `{"node": …, "data": …}` for this request, which shows the server's own type for a delta;
// what clients send is the partial object itself.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// Which user: USR- and groups of digits.
    pub id: ID,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Phone number.
    pub phone: Option<PhoneInput>,
    /// Language and formats.
    pub settings: Option<UserSettingsInput>,
    /// The account in which the user works at present: one with an active membership.
    pub current_account_id: Option<ID>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// Language and formats that a user prefers.
#[derive(InputObject)]
pub struct UserSettingsInput {
    /// Culture for formatting, such as `en-US`.
    pub culture_code: Option<String>,
    /// Language of texts, such as `en-US`.
    pub language_code: Option<String>,
    /// How dates are written.
    pub date_format: Option<String>,
    /// How times of day are written.
    pub time_format: Option<String>,
    /// Time zone in which times are shown.
    pub time_zone: Option<String>,
    /// How numbers are written. Before version 5 the accounts API has a text in its place and refuses this.
    pub number_format: Option<NumberFormatInput>,
    /// Notifications that the user does not want. Before version 5 the accounts API has a list in its place and refuses
    /// this.
    pub opt_outs: Option<OptOutsInput>,
}

/// Notifications that a user does not want.
#[derive(InputObject)]
pub struct OptOutsInput {
    /// All types of objects about which the user is not notified, such as `Order`.
    pub object_types: Option<Vec<String>>,
}

/// The input of `setUserPassword`.
#[derive(InputObject)]
pub struct SetUserPasswordInput {
    /// Which user: USR- and groups of digits.
    pub id: ID,
    /// The new password. It is passed on and neither kept nor logged; send it as a variable.
    pub password: String,
    /// The present password. Required unless this is the first one. Treated as the new one is.
    pub current_password: Option<String>,
}
