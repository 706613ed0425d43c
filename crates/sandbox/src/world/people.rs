//! Users, and their memberships in accounts.

use std::collections::HashSet;

use super::{
    build::{Build, SHOWCASE, Seat},
    places,
};
use crate::{
    cell::{Cell, Row, object, row},
    luck::Luck,
    schema::Entity,
};

/// How many users every scale begins with: one administrator for each of the first two accounts, then the showcase's
/// people.
pub(super) const FIXED: usize = 14;
pub(super) const WILL: usize = 2;
pub(super) const JOHN: usize = 3;
/// A client account that is large at every scale, so that its lists have pages.
const LARGE: usize = 3;

/// Given and family names that go together.
#[rustfmt::skip]
const NAMES: &[(&[&str], &[&str])] = &[
    (&["Olivia", "James", "Grace", "Henry", "Amelia", "Oscar"], &["Turner", "Walsh", "Bennett", "Holloway", "Fletcher", "Reid"]),
    (&["Jürgen", "Katrin", "Lukas", "Anneliese", "Björn"], &["Köhler", "Schäfer", "Brandt", "Vogel", "Lindner"]),
    (&["Camille", "Étienne", "Zoé", "Mathieu", "Inès"], &["Lefèvre", "Moreau", "Garnier", "Chevalier"]),
    (&["Lucía", "Álvaro", "Carmen", "Íñigo", "Nuria"], &["García", "Ibáñez", "Ortega", "Muñoz", "Serrano"]),
    (&["Łukasz", "Agnieszka", "Paweł", "Zofia"], &["Wójcik", "Kamińska", "Zieliński", "Dąbrowska"]),
    (&["Priya", "Arjun", "Meera", "Rohan", "Ananya"], &["Iyer", "Kapoor", "Nair", "Deshmukh", "Chatterjee"]),
    (&["Haruto", "Yuki", "Sakura", "Kenji"], &["Tanaka", "Fujimoto", "Okada", "Matsuda"]),
    (&["João", "Beatriz", "Thiago", "Larissa"], &["Araújo", "Figueiredo", "Moreira", "Conceição"]),
    (&["Astrid", "Søren", "Freja", "Gösta"], &["Lindqvist", "Ångström", "Bergström", "Nørgaard"]),
    (&["Amina", "Kwame", "Zainab", "Tunde"], &["Okafor", "Mensah", "Diallo", "Adeyemi"]),
    (&["Mei", "Wei", "Xiu", "Jian"], &["Chen", "Zhao", "Huang", "Lin"]),
];

/// Writes all users and seats them.
pub(super) fn users(build: &mut Build, count: usize) {
    let mut taken = HashSet::new();
    for place in 0..count {
        let status = seat(build, place);
        let row = user(build, place, status, &mut taken);
        build.push(Entity::User, row);
    }
}

/// Gives a user accounts and tells the status that follows from them: the best of the memberships.
fn seat(build: &mut Build, place: usize) -> &'static str {
    let luck = &mut build.luck;
    let rolled = if place < FIXED { 50 } else { luck.below(100) };
    match rolled {
        0..3 => return "New",
        // None was deleted: those whom lists leave out come about by a deletion.
        3..7 => return "Disabled",
        _ => {}
    }
    let home = match place {
        0 | 1 => place,
        _ if place < FIXED => SHOWCASE,
        _ if luck.chance(8) => LARGE,
        _ => luck.below(build.firms.len()),
    };
    let mut accounts = vec![home];
    if place == WILL {
        accounts.push(LARGE);
    }
    for percent in [26, 18] {
        let other = luck.below(build.firms.len());
        // Those with fixed ids have the same accounts at every scale.
        if luck.chance(percent) && place > JOHN && !accounts.contains(&other) {
            accounts.push(other);
        }
    }
    let mut best = "InvitationExpired";
    for account in accounts {
        let status = match luck.below(100) {
            _ if place == JOHN => "Invited",
            _ if place < FIXED => "Active",
            0..8 => "Invited",
            8..13 => "InvitationExpired",
            _ => "Active",
        };
        best = match (status, best) {
            ("Active", _) | (_, "Active") => "Active",
            ("Invited", _) | (_, "Invited") => "Invited",
            _ => best,
        };
        build.seats.push(Seat { user: place, account, status });
    }
    if rolled < 10 && best == "Active" { "Blocked" } else { best }
}

fn user(build: &mut Build, place: usize, status: &'static str, taken: &mut HashSet<String>) -> Row {
    let seats = build.seats.iter().rev().take_while(|seat| seat.user == place);
    let home = seats.clone().last().map_or(SHOWCASE, |seat| seat.account);
    let active: Vec<usize> = seats.filter(|seat| seat.status == "Active").map(|seat| seat.account).collect();
    let (country, domain) = (build.firms[home].country, build.firms[home].domain.clone());
    let (first, last) = name(&mut build.luck, place);
    let email = email(place, first, last, &domain, taken);
    let id = build.people.next();
    let live = status == "Active";
    // The account a person works in is the last one; of the fixed ones the home account.
    let current = if place < FIXED { active.last() } else { active.first() };
    let current = current.filter(|_| live && (place < FIXED || build.luck.chance(90))).copied();
    let phone = if place == JOHN {
        object(Entity::User, "phone", [("prefix", "+34".into()), ("number", "600555017".into())])
    } else {
        places::phone(&mut build.luck, country)
    };
    let blocked = (status == "Blocked").then(|| build.event("blocked", Entity::User, 2026));
    let login = live.then(|| build.at("login", Entity::User, 2026));
    let accepted = live.then(|| Cell::from(build.moment(2024)));
    let audit = build.audit(
        Entity::User,
        [("blocked", blocked.into()), ("login", login.into()), ("invitationAcceptedAt", accepted.into())],
    );
    let luck = &mut build.luck;
    let values = [
        ("revision", luck.between(1, 40).into()),
        ("name", format!("{first} {last}").into()),
        ("icon", (place == WILL || luck.chance(60)).then(|| format!("/v1/accounts/users/{id}/icon")).into()),
        ("email", email.into()),
        ("status", status.into()),
        ("firstName", first.into()),
        ("lastName", last.into()),
        ("phone", if place < FIXED || luck.chance(80) { phone } else { Cell::Null }),
        ("SSO", luck.chance(45).into()),
        ("acceptedTerms", live.into()),
        ("settings", settings(luck, country)),
        ("currentAccount", current.map(Cell::One).into()),
        ("lastLoginAt", live.then(|| build.moment(2026)).into()),
        ("id", id.into()),
        ("audit", audit),
    ];
    row(Entity::User.fields(), values)
}

fn name(luck: &mut Luck, place: usize) -> (&'static str, &'static str) {
    let &(firsts, lasts) = luck.pick(NAMES);
    match place {
        WILL => ("Will", "Smith"),
        JOHN => ("John", "Smith"),
        // One in a few has a family name of elsewhere, as people do.
        _ if luck.chance(15) => {
            let &(_, elsewhere) = luck.pick(NAMES);
            (*luck.pick(firsts), *luck.pick(elsewhere))
        }
        _ => (*luck.pick(firsts), *luck.pick(lasts)),
    }
}

fn email(place: usize, first: &str, last: &str, domain: &str, taken: &mut HashSet<String>) -> String {
    let plain = format!("{}.{}@{domain}", fold(first), fold(last));
    let email = if taken.contains(&plain) { format!("{}.{}{place}@{domain}", fold(first), fold(last)) } else { plain };
    taken.insert(email.clone());
    email
}

/// The letters that a mail address can do without their marks.
fn fold(name: &str) -> String {
    let plain = |letter: char| match letter {
        'á' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' => 'c',
        'è' | 'é' => 'e',
        'í' => 'i',
        'ł' => 'l',
        'ń' | 'ñ' => 'n',
        'ó' | 'ö' | 'ø' => 'o',
        'ú' | 'ü' => 'u',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

fn settings(luck: &mut Luck, country: &places::Country) -> Cell {
    let american = country.code == "US";
    let opt_outs: Vec<Box<str>> = if luck.chance(20) { vec!["NTC-0000-0003".into()] } else { Vec::new() };
    object(
        Entity::User,
        "settings",
        [
            ("cultureCode", country.culture.into()),
            ("languageCode", country.culture.into()),
            ("dateFormat", if american { "MM/dd/yyyy" } else { "dd.MM.yyyy" }.into()),
            ("timeFormat", if american { "12h" } else { "24h" }.into()),
            ("timeZone", country.zone.into()),
            ("numberSample", if american { "1,234.56" } else { "1.234,56" }.into()),
            ("optOutCategories", Cell::Texts(opt_outs)),
        ],
    )
}

/// Writes the memberships of all seats.
pub(super) fn memberships(build: &mut Build) {
    let mut administered = vec![false; build.firms.len()];
    for place in 0..build.seats.len() {
        let Seat { user, account, status } = build.seats[place];
        let first = !std::mem::replace(&mut administered[account], true);
        let groups = held(build, user, account, first);
        let row = membership(build, user, account, status, groups);
        build.push(Entity::AccountUser, row);
    }
}

/// At least one group; the first member of an account administers it.
fn held(build: &mut Build, user: usize, account: usize, first: bool) -> Vec<usize> {
    let all = &build.groups_of[account];
    if account == SHOWCASE && (user == WILL || user == JOHN) {
        return all[..if user == WILL { 3 } else { 2 }].to_vec();
    }
    let count = 1 + build.luck.below(3);
    let mut held = build.luck.some(count, all.len());
    if first && held.first() != Some(&0) {
        held.insert(0, 0);
    }
    held.into_iter().map(|group| all[group]).collect()
}

fn membership(build: &mut Build, user: usize, account: usize, status: &'static str, groups: Vec<usize>) -> Row {
    let active = status == "Active";
    let invited = (!active).then(|| build.at("invited", Entity::AccountUser, 2026));
    let access = active.then(|| build.at("access", Entity::AccountUser, 2026));
    let joined = active.then(|| build.at("joined", Entity::AccountUser, 2024));
    let accepted = active.then(|| Cell::from(build.moment(2024)));
    let audit = build.audit(
        Entity::AccountUser,
        [
            ("invited", invited.into()),
            ("access", access.into()),
            ("joined", joined.into()),
            ("invitationAcceptedAt", accepted.into()),
        ],
    );
    let luck = &mut build.luck;
    let code = format!("{:016X}{:016X}", luck.next(), luck.next());
    let url = (!active).then(|| format!("https://portal.example.com/invitations/{code}"));
    let notes = luck.chance(10).then_some("Invited by phone");
    let invitation = object(
        Entity::AccountUser,
        "invitation",
        [("url", url.into()), ("status", status.into()), ("notes", notes.into())],
    );
    let values = [
        ("id", build.memberships.next().into()),
        ("revision", build.luck.between(1, 15).into()),
        ("status", status.into()),
        ("user", Cell::One(user)),
        ("account", Cell::One(account)),
        ("groups", Cell::Many(groups)),
        ("invitation", invitation),
        ("lastLoginAt", active.then(|| build.moment(2026)).into()),
        ("audit", audit),
    ];
    row(Entity::AccountUser.fields(), values)
}
