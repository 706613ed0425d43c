//! The accounts, groups and roles that every world begins with.

use super::{Account, Group, MANAGE, Role, Service, Wavefront};
use crate::{instant, luck::Luck};

/// Whom the administrator's token stands for: Will of the showcase account.
pub(super) const ADMINISTRATOR: &str = "will.smith@example.com";
/// Whom the reader's token stands for. Its address shows that a name may hold a plus.
pub(super) const READER: &str = "reader+sandbox@example.com";

const PERMISSIONS: [&str; 8] = [
    MANAGE,
    "alerts_management",
    "dashboard_management",
    "derived_metrics_management",
    "embedded_charts",
    "events_management",
    "ingestion",
    "token_management",
];
const GROUPS: [(&str, &str); 6] = [
    ("Everyone", "System group which contains all users"),
    ("Operators", "Watch and act"),
    ("Developers", "Send and look"),
    ("Finance", "Look at cost"),
    ("On Call", "Get the alerts of the night"),
    ("Visitors", "Look"),
];
const ROLES: [(&str, &[usize]); 4] =
    [("Administrator", &[0, 1, 2, 7]), ("Alert Owner", &[1, 5]), ("Dashboard Owner", &[2, 4]), ("Ingester", &[6])];
/// Which roles each group has.
const GRANTS: [&[usize]; 6] = [&[], &[0, 1], &[2, 3], &[2], &[1], &[]];

/// Makes the state of a world: people of it have an account, by their mail addresses, and so do some machines.
pub(crate) fn generate<'w>(people: impl Iterator<Item = &'w str>) -> Wavefront {
    let mut luck = Luck::new(0x0057_4156_4546_524F);
    let born = instant::year(2024);
    let roles: Vec<Role> = ROLES.iter().map(|&(name, permissions)| role(&mut luck, name, permissions, born)).collect();
    let groups: Vec<Group> = GROUPS
        .iter()
        .zip(GRANTS)
        .enumerate()
        .map(|(place, (&(name, description), grants))| Group {
            id: luck.uuid(),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            roles: grants.iter().map(|&role| roles[role].id.clone()).collect(),
            created: born,
            system: place == 0,
        })
        .collect();
    let mut accounts = Vec::new();
    for email in people.chain([READER]) {
        accounts.push(account(&mut luck, email, &groups, &roles));
    }
    for (name, active) in [("terraform", true), ("nightly-report", true), ("retired", false)] {
        let mut machine = account(&mut luck, &format!("sa::{name}"), &groups, &roles);
        machine.service = Some(Service { active, description: Some(format!("Runs {name}")) });
        machine.last_login = None;
        accounts.push(machine);
    }
    Wavefront { accounts, groups, roles }
}

/// Moves every date.
pub(crate) fn shift(wavefront: &mut Wavefront, millis: i64) {
    for role in &mut wavefront.roles {
        role.created += millis;
        role.updated += millis;
    }
    wavefront.groups.iter_mut().for_each(|group| group.created += millis);
    wavefront.accounts.iter_mut().filter_map(|account| account.last_login.as_mut()).for_each(|at| *at += millis);
}

fn role(luck: &mut Luck, name: &str, permissions: &[usize], born: i64) -> Role {
    Role {
        id: luck.uuid(),
        name: name.to_owned(),
        description: None,
        permissions: permissions.iter().map(|&place| PERMISSIONS[place].to_owned()).collect(),
        created: born,
        updated: born,
        updated_by: ADMINISTRATOR.to_owned(),
    }
}

fn account(luck: &mut Luck, identifier: &str, groups: &[Group], roles: &[Role]) -> Account {
    let administers = identifier == ADMINISTRATOR;
    let some = |luck: &mut Luck, count: usize, ids: &[String]| -> Vec<String> {
        luck.some(count, ids.len()).into_iter().map(|place| ids[place].clone()).collect()
    };
    let of_groups: Vec<String> = groups.iter().skip(1).map(|group| group.id.clone()).collect();
    let of_roles: Vec<String> = roles.iter().skip(1).map(|role| role.id.clone()).collect();
    let (held, own) = (1 + luck.below(3), luck.below(3));
    Account {
        identifier: identifier.to_owned(),
        permissions: if administers { vec![MANAGE.to_owned()] } else { Vec::new() },
        // The administrator has the first two groups in every world.
        groups: if administers { of_groups[..2].to_vec() } else { some(luck, held, &of_groups) },
        roles: if administers { of_roles[..1].to_vec() } else { some(luck, own, &of_roles) },
        last_login: luck.chance(70).then(|| instant::year(2026) + luck.between(0, 100 * 86_400_000)),
        service: None,
    }
}
