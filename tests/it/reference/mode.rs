//! The kinds of hosts that the random queries are asked of. The sandbox keeps what all generations tell; here is what of it
//! each one shows, what it can be filtered and ordered by, and by which routes it tells memberships
//! (`accounts-api-v5.md` sections 1 and 2).

use super::data::{Row, text};
use crate::support::{Kit, MODES, SMALL, kit_speaking, limits};
use accounts_graph::{
    graph::engine::Limits,
    upstream::{
        marketplace::membership::{Family, MembershipRoutes},
        memory::Clock,
    },
};
use accounts_graph_sandbox::{Generation, Options};
use serde_json::{Map, Value, json};

/// A kind of host, with the setting that it is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) generation: Generation,
    pub(super) routes: MembershipRoutes,
}

/// Fields that no host knows, or none that tells these objects: they refuse to filter and order by them.
const NOWHERE: [(&str, &str); 9] = [
    ("User", "invitation"),
    ("UserAudit", "invited"),
    ("UserAudit", "joined"),
    ("UserAudit", "access"),
    ("Seller", "attributes"),
    ("ApiToken", "extensions"),
    ("AccountUser", "favorite"),
    ("ApiTokenAudit", "enabled"),
    ("ApiTokenAudit", "disabled"),
];

/// Fields that are gone in version 5, with the paths of their values in the rows.
const UNTIL_V5: [(&str, &str, &str); 7] = [
    ("User", "acceptedTerms", "/acceptedTerms"),
    ("UserAudit", "blocked", "/audit/blocked"),
    ("UserAudit", "login", "/audit/login"),
    ("Account", "serviceLevel", "/serviceLevel"),
    ("Buyer", "contact", "/contact"),
    ("Licensee", "contact", "/contact"),
    ("Seller", "erpLink", "/erpLink"),
];

/// Fields that version 5 brought, with the paths of their values in the rows.
const SINCE_V5: [(&str, &str, &str); 9] = [
    ("ErpLink", "companyName", "/companyName"),
    ("ErpLink", "shipTo", "/shipTo"),
    ("ErpLink", "billTo", "/billTo"),
    ("ErpLinkAudit", "disabled", "/audit/disabled"),
    ("ModuleSettings", "sharedAccount", "/settings/sharedAccount"),
    ("UserSettings", "numberFormat", "/settings/numberFormat"),
    ("UserSettings", "optOuts", "/settings/optOuts"),
    ("Seller", "attributes", "/attributes"),
    ("ApiToken", "extensions", "/extensions"),
];

/// Fields of memberships that the lists below accounts do not tell.
const NOT_BELOW_ACCOUNTS: [(&str, &str, &str); 2] = [
    ("AccountUser", "lastLoginAt", "/lastLoginAt"),
    ("AccountUserAudit", "invitationAcceptedAt", "/audit/invitationAcceptedAt"),
];

/// Fields of memberships that the flat collection does not tell in the shapes of version 5.
const NOT_FLAT_IN_V5: [(&str, &str, &str); 1] = [("AccountUserAudit", "invited", "/audit/invited")];

/// What the sandbox keeps twice: where the shape of before version 5 is, and what that is called on the wire.
const OLD_SHAPES: [(&str, &str, &str); 3] = [
    ("Group", "extensionList", "extensions"),
    ("Module", "filterBuyers", "filters"),
    ("Module", "oldSettings", "settings"),
];

/// Where an entity keeps the members of a value object.
fn holder(ty: &str) -> &str {
    ty.strip_suffix("Audit").or_else(|| ty.strip_suffix("Settings")).filter(|holder| !holder.is_empty()).unwrap_or(ty)
}

impl Mode {
    /// The present API.
    pub(super) const V5: Mode = Mode::of(0);
    /// Memberships in a flat collection only.
    pub(super) const SEPTEMBER_2025: Mode = Mode::of(1);
    /// The first form of the routes.
    pub(super) const FEBRUARY_2025: Mode = Mode::of(2);
    /// All routes there ever were.
    pub(super) const ALL: Mode = Mode::of(3);

    const fn of(place: usize) -> Mode {
        let (generation, routes) = MODES[place];
        Mode { generation, routes }
    }

    pub(super) fn name(self) -> &'static str {
        self.generation.name()
    }

    /// A gateway over a small sandbox of this kind, which knows the routes already. What takes a request for each account,
    /// or for each user to know what is favorite, may take more than is allowed by default.
    pub(super) async fn kit(self) -> Kit {
        let allowed = Limits { upstream_requests: 10_000, entities: 1_000_000, ..limits() };
        self.kit_with(if self.generation == Generation::September2025 { limits() } else { allowed }).await
    }

    /// The same with other limits.
    pub(super) async fn kit_with(self, limits: Limits) -> Kit {
        let options = Options { scale: SMALL, generation: self.generation, ..Options::default() };
        let kit = kit_speaking(options, limits, |settings| settings, self.routes, &Clock::default()).await;
        kit.learn().await;
        kit
    }

    /// Whether its objects have the shapes of version 5.
    pub(super) fn has_v5_shapes(self) -> bool {
        matches!(self.generation, Generation::V5 | Generation::All)
    }

    /// Whether it has one list of all memberships.
    pub(super) fn lists_all(self) -> bool {
        matches!(self.generation, Generation::September2025 | Generation::All)
    }

    /// Whether its memberships are told by `/accounts/{accountId}/users`.
    fn tells_users(self) -> bool {
        !self.lists_all() && self.routes != MembershipRoutes::Only(Family::Legacy)
    }

    /// Whether a host refuses to be asked about a field.
    pub(super) fn lacks_route(self, ty: &str, field: &str) -> bool {
        let of_service = |field: &str| !["id", "name", "icon", "revision"].contains(&field);
        if self.has_v5_shapes() {
            // Never filled, and not part of the reduced form: where nothing may be selected of what is nested, it is refused.
            return (ty, field) == ("Seller", "erpLink");
        }
        match ty {
            "AccountUser" => field == "favorite",
            "Query" => ["service", "services"].contains(&field),
            // What refers to a service tells so much of it.
            "Service" => of_service(field),
            _ => false,
        }
    }

    /// Whether entities of a kind can be looked up.
    pub(super) fn lists(self, kind: &str) -> bool {
        kind != "Service" || self.has_v5_shapes()
    }

    /// Whether it refuses to filter by a field.
    pub(super) fn cannot_filter(self, ty: &str, field: &str) -> bool {
        NOWHERE.contains(&(ty, field)) || self.untold().any(|(of, name, _)| (of, name) == (ty, field))
    }

    /// Whether it refuses to order by a path.
    pub(super) fn cannot_order(self, kind: &str, path: &str) -> bool {
        let below = |name: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        let audit = |ty: &str| if ty.ends_with("Audit") { "audit." } else { "" };
        let settings = |ty: &str| if ty.ends_with("Settings") { "settings." } else { "" };
        let nowhere = NOWHERE.iter().map(|(ty, field)| (*ty, *field));
        nowhere
            .chain(self.untold().map(|(ty, field, _)| (ty, field)))
            .any(|(ty, field)| holder(ty) == kind && below(&format!("{}{}{field}", audit(ty), settings(ty))))
    }

    /// What of the rows it does not tell: type, field and the path in the row.
    fn untold(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        let shapes: &[_] = if self.has_v5_shapes() { &UNTIL_V5 } else { &SINCE_V5 };
        let members: &[_] = match () {
            () if self.tells_users() => &NOT_BELOW_ACCOUNTS,
            () if self.has_v5_shapes() => &NOT_FLAT_IN_V5,
            () => &[],
        };
        shapes.iter().chain(members).copied()
    }

    /// Whether it tells only the time of an event.
    pub(super) fn tells_only_when(self, ty: &str, event: &str) -> bool {
        match (ty, event) {
            ("UserAudit", "login") | ("AccountUserAudit", "access") => true,
            ("AccountUserAudit", "invited" | "joined") => !self.tells_users(),
            _ => false,
        }
    }

    /// The row of an entity as it tells it.
    pub(super) fn shown(self, kind: &str, mut row: Row) -> Row {
        if kind == "AccountUser" {
            self.show_membership(&mut row);
        }
        if !self.has_v5_shapes() {
            show_in_old_shapes(kind, &mut row);
        }
        let mut row = Value::Object(row);
        for (_, _, path) in self.untold().filter(|(ty, ..)| holder(ty) == kind) {
            let (above, name) = path.rsplit_once('/').expect("a path");
            // What is in the old shape has been put there.
            let replaced = above == "/settings" && kind == "User";
            if let Some(Value::Object(above)) = row.pointer_mut(above).filter(|_| !replaced) {
                above.remove(name);
            }
        }
        for (event, name) in [("created", "createdAt"), ("updated", "updatedAt")] {
            if let Some(at) = row.pointer(&format!("/audit/{event}/at")).cloned() {
                row[name] = at;
            }
        }
        if self.has_v5_shapes() {
            prune(&mut row);
        }
        if let Value::Object(row) = row { row } else { Row::new() }
    }

    fn show_membership(self, row: &mut Row) {
        // The graph's id of a membership is made from account and user.
        let part = |of: &str| text(row, of).split_once('-').expect("an id").1.to_owned();
        let id = format!("MEM-{}.{}", part("account"), part("user"));
        row.insert("id".to_owned(), json!(id));
        if self.has_v5_shapes() {
            // Every account is marked or not.
            let marked = row.get("favorite") == Some(&json!(true));
            row.insert("favorite".to_owned(), json!(marked));
        } else {
            row.remove("favorite");
        }
        // All generations tell it in the invitation.
        row.remove("status");
        if let Some(status) = row.get("invitation").and_then(|it| it.get("status")).cloned() {
            row.insert("status".to_owned(), status);
        }
        for event in ["invited", "joined", "access"] {
            if self.tells_only_when("AccountUserAudit", event)
                && let Some(Value::Object(event)) = row.get_mut("audit").and_then(|audit| audit.get_mut(event))
            {
                event.remove("by");
            }
        }
        if let Some(Value::Array(groups)) = row.get_mut("groups") {
            groups.sort_by_key(ToString::to_string);
        }
    }
}

fn show_in_old_shapes(kind: &str, row: &mut Row) {
    for (_, key, name) in OLD_SHAPES.iter().filter(|(of, ..)| *of == kind) {
        let old = row.remove(*key);
        row.remove(*name);
        old.and_then(|old| row.insert((*name).to_owned(), old));
    }
    if kind == "Seller"
        && let Some(Value::Array(codes)) = row.remove("currencyCodes")
    {
        let currencies = codes.into_iter().map(|code| json!({ "value": code }));
        row.insert("currencies".to_owned(), currencies.collect());
    }
    if kind == "User"
        && let Some(Value::Object(settings)) = row.get_mut("settings")
    {
        for (key, name) in [("numberSample", "numberFormat"), ("optOutCategories", "optOuts")] {
            settings.remove(name);
            // Its parts are not told.
            settings.remove(key).and_then(|_| settings.insert(name.to_owned(), Value::Object(Map::new())));
        }
    }
}

/// Leaves out what bodies of version 5 leave out: what is null or empty.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, value| !is_nothing(value));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
