//! A customer of the shop, and staff that looks at what its agent notes.

use convene_client::{
    NewParticipant, Options, Rest,
    proto::{event::EventBody, position::Seq},
};
use serde_json::Value;

use crate::{
    harness::{Role, Stack},
    people::Person,
};

pub(crate) async fn customer(stack: &Stack, gateway: usize, user: &str) -> Person {
    Person::with_agent(stack, &stack.gateway(gateway).url(), user, "shop").await
}

fn rest(stack: &Stack, user: &str, role: Role) -> Rest {
    let options = Options::new(stack.gateway(0).url(), stack.token(user, role));
    Rest::new(&options).unwrap()
}

/// Staff that has joined to see.
pub(crate) async fn watched_by_staff(stack: &Stack, person: &Person) -> Rest {
    let rest = rest(stack, "staff", Role::Operator);
    let staff = NewParticipant {
        id: "user:staff".parse().unwrap(),
        name: None,
        role: None,
    };
    rest.add(person.conversation(), &staff).await.unwrap();
    rest
}

pub(crate) async fn notes(stack: &Stack, person: &Person, role: Role) -> Vec<(String, Value)> {
    let rest = match role {
        Role::User => rest(stack, "ada", role),
        _ => watched_by_staff(stack, person).await,
    };
    let page = rest
        .history_after(person.conversation(), Seq(0), 1000)
        .await
        .unwrap();
    let noted = page
        .events
        .into_iter()
        .filter_map(|event| match event.body {
            EventBody::AgentNoted { note, .. } => Some((note.name.to_string(), note.value)),
            _ => None,
        });
    noted.collect()
}
