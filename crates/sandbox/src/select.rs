//! The `select` parameter as a tree of signs.

/// What was said about one property, and about its members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Select {
    /// Whether the property itself was added or removed by name.
    pub(crate) sign: Option<bool>,
    /// Whether `*` was added or removed at this level.
    pub(crate) all: Option<bool>,
    /// Whether a filter or an order names the property.
    touched: bool,
    /// Members by name, lower case.
    members: Vec<(String, Select)>,
}

impl Select {
    /// Reads the parameter. What it does not understand it leaves out, as the upstream does.
    pub(crate) fn parse(text: &str) -> Select {
        let mut root = Select::default();
        root.read(text);
        root
    }

    fn read(&mut self, text: &str) {
        for item in split(text) {
            // A plus that nobody encoded arrives as a space.
            let (sign, item) = match item.chars().next() {
                Some('-') => (false, &item[1..]),
                Some('+' | ' ') => (true, &item[1..]),
                _ => (true, item),
            };
            let (path, inner) = match item.split_once('(') {
                Some((path, rest)) => (path, rest.strip_suffix(')')),
                None => (item, None),
            };
            let (path, star) = match path.strip_suffix('*') {
                Some(rest) => (rest.trim_end_matches('.'), true),
                None => (path, false),
            };
            let node = self.at(path);
            match inner {
                Some(inner) => node.read(inner),
                None if star => node.all = Some(sign),
                None if path.is_empty() => {}
                None => node.sign = Some(sign),
            }
        }
    }

    fn at(&mut self, path: &str) -> &mut Select {
        path.split('.').filter(|part| !part.is_empty()).fold(self, |node, part| node.member(&part.to_ascii_lowercase()))
    }

    fn member(&mut self, name: &str) -> &mut Select {
        let place = self.members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.members.push((name.to_owned(), Select::default()));
            self.members.len() - 1
        });
        &mut self.members[place].1
    }

    /// Adds a property that filter or order touched.
    pub(crate) fn touch(&mut self, names: &[&str]) {
        self.at(&names.join(".")).touched = true;
    }

    /// The same without what `select` itself says.
    pub(crate) fn only_touched(&self) -> Select {
        let members = self.members.iter().map(|(name, member)| (name.clone(), member.only_touched())).collect();
        Select { touched: self.touched, members, ..Select::default() }
    }

    /// What was said about a member.
    pub(crate) fn get(&self, name: &str) -> Option<&Select> {
        self.members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, select)| select)
    }

    /// Whether the property was added, itself or through some member, by `select` or by a filter or an order.
    pub(crate) fn adds(&self) -> bool {
        self.touched || self.selects_here() || self.members.iter().any(|(_, member)| member.adds())
    }

    /// Whether `select` adds the property, itself or through some member.
    pub(crate) fn selects(&self) -> bool {
        self.selects_here() || self.members.iter().any(|(_, member)| member.selects())
    }

    fn selects_here(&self) -> bool {
        self.sign == Some(true) || self.all == Some(true)
    }
}

/// Splits at the commas that are not inside parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::Select;

    #[test]
    fn signs_stars_dots_and_functions() {
        let select = Select::parse("-*,+Groups(id,modules.name), audit,-icon");
        assert_eq!(select.all, Some(false));
        let groups = select.get("groups").expect("named");
        assert!(groups.adds() && groups.sign.is_none());
        assert!(groups.get("modules").and_then(|modules| modules.get("name")).is_some_and(Select::adds));
        assert_eq!(select.get("audit").and_then(|audit| audit.sign), Some(true));
        assert_eq!(select.get("icon").and_then(|icon| icon.sign), Some(false));
    }

    #[test]
    fn what_is_touched_is_told_apart_from_what_is_selected() {
        let mut select = Select::parse("-*,groups.id");
        select.touch(&["groups", "modules", "name"]);
        let groups = select.get("groups").expect("selected");
        let modules = groups.get("modules").expect("touched");
        assert!(groups.selects() && modules.adds() && !modules.selects());
        let touched = groups.only_touched();
        assert!(touched.adds() && !touched.selects() && touched.get("id").is_some_and(|id| !id.adds()));
    }
}
