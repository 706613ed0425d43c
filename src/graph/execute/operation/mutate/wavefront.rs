//! What Wavefront says of what was changed, and what it passed over without a word.

use super::{Change, Operation, Stop};
use crate::{
    entity::{
        model::FieldSet,
        tape::{At, Json, Tape},
    },
    graph::{
        execute::outcome::Outcome,
        queries::complaint::InputComplaint,
        schema::mutation::{declared::Confirmed, user_error::UserErrorCode},
    },
    loader::store::Place,
    upstream::{client::write::unknown, wavefront::envelope},
};
use async_graphql::Value;
use std::collections::HashSet;

impl Operation<'_> {
    /// Keeps the answer to a write, with what it does not show as complaints.
    pub(super) fn take_in_wavefront(&self, change: &Change<'_>, tape: Tape, outcome: &mut Outcome) -> Result<(), Stop> {
        let kind = change.kind();
        let at = envelope::open(&tape)?;
        let id = ["identifier", "id"].iter().find_map(|name| tape.plain(tape.get(at, name)?));
        let about = |what: &str| unknown(kind.upstream().name(), what);
        let (Json::Object, Some(id)) = (tape.kind(at), id) else {
            return Err(about("answered something else than what was changed").into());
        };
        // A text that is no id is the documentation's, and names nobody.
        if kind.fits(id) && change.target().is_some_and(|target| !target.eq_ignore_ascii_case(id)) {
            return Err(about("answered with something else than what was changed").into());
        }
        if let Some(confirmed) = &change.plan.declared.confirmed {
            outcome.complaints = passed_over(change, confirmed, &tape, at);
        }
        let body = self.store().keep_wavefront(tape);
        outcome.entity = Some(Place::row(body, at, FieldSet::NONE));
        Ok(())
    }
}

/// What was asked for and is not so: ids that do not exist are passed over as long as one does
/// (`wavefront-api.md` section 7).
fn passed_over(change: &Change<'_>, confirmed: &Confirmed, tape: &Tape, at: At) -> Vec<InputComplaint> {
    let Confirmed { asked, told, there } = *confirmed;
    let Some(list) = tape.get(at, told).filter(|list| tape.kind(*list) == Json::List) else { return vec![] };
    let text = |item: At| tape.text(tape.get(item, "id").unwrap_or(item)).map(|text| text.to_lowercase());
    let shown: HashSet<String> = tape.items(list).filter_map(text).collect();
    // The members of a group may be shown in part.
    let count = tape.get(at, "userCount").and_then(|count| tape.json(count).parse::<usize>().ok());
    if there && told == "users" && count != Some(shown.len()) {
        return vec![];
    }
    let complain = |value: &Value, place: Option<usize>| {
        let Value::String(id) = value else { return None };
        let message = if there {
            "Wavefront passed this over: perhaps it does not exist, or cannot be added here."
        } else {
            "Wavefront passed this over: it is still there, and perhaps cannot be taken away."
        };
        let path = ["input".to_owned(), asked.to_owned()].into_iter().chain(place.map(|place| place.to_string()));
        let complaint = InputComplaint::at(UserErrorCode::NotApplied, message, path.collect());
        (shown.contains(&id.to_lowercase()) != there).then_some(complaint)
    };
    match change.members.get(asked) {
        Some(Value::List(items)) => {
            items.iter().enumerate().filter_map(|(place, item)| complain(item, Some(place))).collect()
        }
        Some(value) => complain(value, None).into_iter().collect(),
        None => vec![],
    }
}
