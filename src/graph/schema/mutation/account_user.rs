//! Changes of memberships: who is in which account and group.

use super::{
    declared::{Body, MutationDef, ResultKind, create, delete, post, put},
    parts::{NumberFormatInput, PhoneInput},
};
use crate::entity::kind::Kind;
use async_graphql::{Enum, ID, InputObject, OneofObject};

/// The mutations of memberships. The documentation prints `{"id": "text"}` for the group of an assignment: that is what is
/// sent, once for each group.
pub const MUTATIONS: &[MutationDef] = &[
    create("inviteAccountUser", "{members}", Kind::AccountUser)
        .takes::<InviteAccountUserInput>()
        .repeats("invitation", "notes")
        .does("Invites a person into an account; who is not yet a user becomes one."),
    put("updateAccountUser", "{memberOfAccount}", Kind::AccountUser).takes::<UpdateAccountUserInput>().does(
        "Changes a member's own data, and the notes of the invitation; groups are changed by their own mutations. \
             Only version 5 of the accounts API has a route for it.",
    ),
    delete("removeAccountUser", "{member}", Kind::AccountUser)
        .takes::<RemoveAccountUserInput>()
        .does("Removes a user from an account for good. Not oneself."),
    post("assignUserToGroup", "{member}/groups", Kind::AccountUser)
        .takes::<AssignUserToGroupInput>()
        .sends(Body::Each("groupIds"))
        .does("Adds a member of an account to groups of it, one after the other until one is refused."),
    put("replaceAccountUserGroups", "{member}/groups", Kind::AccountUser)
        .takes::<ReplaceAccountUserGroupsInput>()
        .sends(Body::List("groupIds"))
        .does("Puts a member of an account into these groups and out of all others."),
    put("moveUserBetweenGroups", "{member}/groups", Kind::AccountUser)
        .takes::<MoveUserBetweenGroupsInput>()
        .sends(Body::Exchanged { from: "fromGroupId", to: "toGroupId" })
        .does(
            "Moves a member of an account from one group to another. The gateway reads the member's groups and writes the \
             new set in one request, so the member is never in both groups or in neither. The API accepts no condition: a \
             change of the groups by somebody else between reading and writing is overwritten. If the member is not in the \
             first group, nothing is sent and the user error `NOT_IN_GROUP` says so. If it is already in the second group, \
             it only leaves the first.",
        ),
    delete("removeUserFromGroup", "{member}/groups/{groupId}", Kind::AccountUser)
        .takes::<RemoveUserFromGroupInput>()
        .gives(ResultKind::Changed(Kind::AccountUser))
        .does("Takes a member of an account out of a group. The last group cannot be left."),
    post("resendInvitation", "{member}/resend-invite", Kind::AccountUser)
        .takes::<ResendInvitationInput>()
        .does("Sends the open invitation again; its seven days begin anew."),
    post("sendNewInvitation", "{member}/send-new-invite", Kind::AccountUser)
        .takes::<SendNewInvitationInput>()
        .does("Invites again a person whose invitation has expired."),
    post("acceptInvitation", "{member}/accept-invite", Kind::AccountUser)
        .takes::<AcceptInvitationInput>()
        .does("Joins the account. Only for the invited user; does nothing when already joined."),
    put("setAccountUserFavorite", "users/{userOfMember}/accounts/{accountOfMember}", Kind::AccountUser)
        .takes::<SetAccountUserFavoriteInput>()
        .does("Marks an account as a favourite of a user, or not as one any more. Only for oneself. Only version 5 of the accounts API has a route for it."),
];

/// A member of an account: by the id of the membership, or by account and user.
#[derive(OneofObject)]
pub enum MemberInput {
    /// The membership: an id of `AccountUser`. Where the accounts API has a flat collection of memberships, its ids are
    /// taken as well: AUSR- and groups of digits.
    AccountUserId(ID),
    /// The user in the account.
    UserOfAccount(UserOfAccountInput),
}

/// A user in an account.
#[derive(InputObject)]
pub struct UserOfAccountInput {
    /// The account: ACC- and groups of digits.
    pub account_id: ID,
    /// The user: USR- and groups of digits.
    pub user_id: ID,
}

/// The input of `inviteAccountUser`.
#[derive(InputObject)]
pub struct InviteAccountUserInput {
    /// The person.
    pub user: InvitedUserInput,
    /// The account: ACC- and groups of digits.
    pub account_id: ID,
    /// Groups of the account, one at least.
    pub group_ids: Vec<ID>,
    /// How to invite.
    pub invitation: Option<InvitationInput>,
}

/// The person to be invited.
#[derive(InputObject)]
pub struct InvitedUserInput {
    /// E-mail address: it tells whether the person is a user already.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Phone number.
    pub phone: Option<PhoneInput>,
    /// Language of the invitation and of the user after it.
    pub settings: Option<InvitedUserSettingsInput>,
}

/// What a person prefers who is invited, or a member.
#[derive(InputObject)]
pub struct InvitedUserSettingsInput {
    /// Culture for formatting, at most 5 characters, such as `en-US`.
    pub culture_code: Option<String>,
    /// Language of texts, at most 5 characters, such as `en-US`.
    pub language_code: Option<String>,
    /// How dates are written.
    pub date_format: Option<String>,
    /// How times of day are written.
    pub time_format: Option<String>,
    /// Time zone in which times are shown.
    pub time_zone: Option<String>,
    /// How numbers are written.
    pub number_format: Option<NumberFormatInput>,
}

/// How to invite.
#[derive(InputObject)]
pub struct InvitationInput {
    /// `ACTIVE` lets Operations add an existing user without asking.
    pub status: Option<NewInvitationStatus>,
    /// Free text about the invitation. Operations only.
    pub notes: Option<String>,
}

/// How a membership begins.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum NewInvitationStatus {
    /// The person has to accept.
    Invited,
    /// The person is in the account at once.
    Active,
}

/// The input of `updateAccountUser`: absence leaves a value alone.
#[derive(InputObject)]
pub struct UpdateAccountUserInput {
    /// Who.
    pub member: MemberInput,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Phone number.
    pub phone: Option<PhoneInput>,
    /// Language and formats.
    pub settings: Option<InvitedUserSettingsInput>,
    /// What is said about the invitation.
    pub invitation: Option<InvitationNotesInput>,
    /// Change only if this is the present revision of the membership. The gateway reads it first; the upstream does not
    /// enforce it, so a change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// What is said about an invitation.
#[derive(InputObject)]
pub struct InvitationNotesInput {
    /// Free text about the invitation; null clears it. Operations only.
    pub notes: Option<String>,
}

/// The input of `setAccountUserFavorite`.
#[derive(InputObject)]
pub struct SetAccountUserFavoriteInput {
    /// Who, and in which account.
    pub member: MemberInput,
    /// Whether the account is a favourite.
    pub favorite: bool,
}

/// The input of `removeAccountUser`.
#[derive(InputObject)]
pub struct RemoveAccountUserInput {
    /// Who.
    pub member: MemberInput,
}

/// The input of `assignUserToGroup`.
#[derive(InputObject)]
pub struct AssignUserToGroupInput {
    /// Who.
    pub member: MemberInput,
    /// Groups of the account: UGR- and groups of digits.
    pub group_ids: Vec<ID>,
}

/// The input of `replaceAccountUserGroups`.
#[derive(InputObject)]
pub struct ReplaceAccountUserGroupsInput {
    /// Who.
    pub member: MemberInput,
    /// All groups that the member is to be in, one at least.
    pub group_ids: Vec<ID>,
    /// Change only if this is the present revision of the membership. The gateway reads it first; the upstream does not
    /// enforce it, so a change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// The input of `moveUserBetweenGroups`.
#[derive(InputObject)]
pub struct MoveUserBetweenGroupsInput {
    /// Id of the account: `ACC-1234-5678`.
    pub account_id: ID,
    /// Id of the user, who is a member of the account: `USR-1234-5678`.
    pub user_id: ID,
    /// Id of the group that the user leaves: `UGR-1234-5678`.
    pub from_group_id: ID,
    /// Id of the group that the user enters: `UGR-1234-5678`.
    pub to_group_id: ID,
}

/// The input of `removeUserFromGroup`.
#[derive(InputObject)]
pub struct RemoveUserFromGroupInput {
    /// Who.
    pub member: MemberInput,
    /// The group: UGR- and groups of digits.
    pub group_id: ID,
}

/// The input of `resendInvitation`.
#[derive(InputObject)]
pub struct ResendInvitationInput {
    /// Who.
    pub member: MemberInput,
}

/// The input of `sendNewInvitation`.
#[derive(InputObject)]
pub struct SendNewInvitationInput {
    /// Who.
    pub member: MemberInput,
}

/// The input of `acceptInvitation`.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// Who.
    pub member: MemberInput,
}
