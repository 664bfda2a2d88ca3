//! Invitations, and the roles of those who follow them.

use convene_client::{
    NewParticipant, Rest,
    proto::{error::ErrorCode, event::Role as InConversation},
};

use crate::{
    access::{code, rest},
    harness::{Role, Stack, on_both},
    people::Person,
};

on_both! {
    async fn an_invitation_says_what_it_invites_to_and_nobody_joins_by_reading_it(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        ada.rename(&id, "Release on Friday").await.unwrap();
        let made = ada.invite(&id).await.unwrap();
        let before = ada.conversation(&id).await.unwrap();

        let bob = rest(&stack, stack.token("bob", Role::User));
        let invitation = bob.invitation(&made.invite).await.unwrap();
        assert_eq!(invitation.conversation, id);
        assert_eq!(invitation.title.as_deref(), Some("Release on Friday"));
        assert_eq!(invitation.by, "ada");
        assert_eq!(invitation.participants, before.participants.len());
        assert_eq!(invitation.expires_at, made.expires_at);
        assert!(!invitation.joined);
        assert_eq!(ada.conversation(&id).await.unwrap(), before);
        assert_eq!(code(bob.conversation(&id).await), ErrorCode::NotFound);

        bob.join(&made.invite).await.unwrap();
        assert!(bob.invitation(&made.invite).await.unwrap().joined);
        let damaged = &made.invite[..made.invite.len() - 1];
        assert_eq!(code(bob.invitation(damaged).await), ErrorCode::Forbidden);
        let nobody = rest(&stack, "x".to_owned());
        assert_eq!(code(nobody.invitation(&made.invite).await), ErrorCode::Unauthenticated);
    }

    async fn who_was_taken_out_does_not_come_back_by_an_old_invitation(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        let invite = ada.invite(&id).await.unwrap().invite;
        let bob = rest(&stack, stack.token("bob", Role::User));
        bob.join(&invite).await.unwrap();
        let user: convene_client::proto::id::ParticipantId = "user:bob".parse().unwrap();

        // Who leaves may come back.
        bob.remove(&id, &user).await.unwrap();
        bob.join(&invite).await.unwrap();

        ada.remove(&id, &user).await.unwrap();
        assert_eq!(code(bob.join(&invite).await), ErrorCode::Forbidden);
        // Nor do they go on reading what it is called and how many are in it.
        assert_eq!(code(bob.invitation(&invite).await), ErrorCode::Forbidden);
        assert!(ada.invitation(&invite).await.unwrap().joined);
        let again = Rest::guest(&stack.gateway(1).url(), "Bob").await.unwrap();
        let again = rest(&stack, again.token);
        assert_eq!(code(again.join(&invite).await), ErrorCode::Forbidden);
        assert_eq!(code(again.invitation(&invite).await), ErrorCode::Forbidden);
        assert_eq!(code(bob.conversation(&id).await), ErrorCode::NotFound);

        let fresh = ada.invite(&id).await.unwrap().invite;
        assert!(!bob.invitation(&fresh).await.unwrap().joined);
        bob.join(&fresh).await.unwrap();
    }

    async fn roles_are_not_lost_by_joining_nor_are_conversations_by_leaving(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        let user = |name: &str| format!("user:{name}").parse().unwrap();
        let bring = |name: &str, role| NewParticipant { id: user(name), name: None, role };
        let invite = ada.invite(&id).await.unwrap().invite;
        ada.join(&invite).await.unwrap();
        ada.add(&id, &bring("ada", None)).await.unwrap();
        let olga = rest(&stack, stack.token("ada", Role::Operator));
        olga.add(&id, &bring("ada", None)).await.unwrap();
        let roles = async || -> Vec<_> {
            let known = ada.conversation(&id).await.unwrap().participants;
            let people = known.into_iter().filter(|one| one.role != InConversation::Agent);
            people.map(|one| (one.id.to_string(), one.name, one.role)).collect()
        };
        let owner = |id: &str, name: &str| (id.to_owned(), name.to_owned(), InConversation::Owner);
        assert_eq!(roles().await, [owner("user:ada", "ada")]);

        let bob = rest(&stack, stack.token("bob", Role::User));
        bob.join(&invite).await.unwrap();
        let crown = bring("bob", Some(InConversation::Owner));
        assert_eq!(code(bob.add(&id, &crown).await), ErrorCode::Forbidden);
        assert_eq!(code(ada.remove(&id, &user("ada")).await), ErrorCode::LastOwner);
        ada.add(&id, &crown).await.unwrap();
        assert_eq!(roles().await, [owner("user:ada", "ada"), owner("user:bob", "bob")]);
        ada.remove(&id, &user("ada")).await.unwrap();
        assert_eq!(code(ada.conversation(&id).await), ErrorCode::NotFound);
        bob.remove(&id, &user("bob")).await.unwrap();
    }
}
