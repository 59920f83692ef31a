use rollbook::{
    Actor, Error, List, ListLogs, Membership, NewTeam, NewUser, Prefs, QuerySyntax, Team, Users,
};
use serde_json::json;

use crate::support::{World, on_every_store};

on_every_store! {
    a_team_is_made_changed_and_deleted
    teams_are_listed_and_searched
    an_invitation_is_confirmed_once
    of_two_confirmations_one_succeeds
    a_user_is_in_a_team_once
    of_two_invitations_one_succeeds
    a_server_asks_nobody
    roles_are_replaced_and_queried
    memberships_are_of_their_user_and_their_team
    memberships_are_shown_together
    a_deleted_user_leaves_its_teams
    a_deleted_team_leaves_its_users
    the_log_of_the_member_tells
}

async fn cast(users: &Users) {
    for (user, team) in [("ann", "crew"), ("bob", "club")] {
        let new = NewUser::new().id(user).name(user).email(format!("{user}@x.co"));
        users.create(new).await.unwrap();
        users.create_team(NewTeam::new(format!("The {team}")).id(team)).await.unwrap();
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    outcome.unwrap_err().code()
}

async fn total(users: &Users, user: &str) -> u64 {
    users.list_memberships_of_user(user, List::new()).await.unwrap().total
}

async fn a_team_is_made_changed_and_deleted(world: World) {
    let users = &world.users;
    let team = users.create_team(NewTeam::new("Crew").id("crew")).await.unwrap();
    assert_eq!(team.to_wire(2)["total"], 2);
    assert_eq!(
        code(users.create_team(NewTeam::new("Crew").id("crew")).await),
        "team_already_exists"
    );
    let unnamed = users.create_team(NewTeam::new("")).await.unwrap_err();
    assert_eq!(unnamed.field(), Some("name"));
    let odd = users.create_team(NewTeam::new("Crew").id("_")).await.unwrap_err();
    assert_eq!(odd.field(), Some("teamId"));
    world.clock.advance(1000);
    let same = users.update_team_name("crew", "Crew").await.unwrap();
    assert_eq!(same.updated_at, team.updated_at);
    let named = users.update_team_name("crew", "Night crew").await.unwrap();
    assert!(named.updated_at > team.updated_at && named.name == "Night crew");
    assert!(users.update_team_name("crew", &"x".repeat(129)).await.is_err());
    let prefs = Prefs::from_iter([("colour".to_owned(), json!("red"))]);
    users.update_team_prefs("crew", prefs.clone()).await.unwrap();
    assert_eq!(users.get_team("crew").await.unwrap().prefs, prefs);
    users.delete_team("crew").await.unwrap();
    for outcome in [
        users.get_team("crew").await.map(drop),
        users.update_team_name("crew", "Crew").await.map(drop),
        users.count_members("crew").await.map(drop),
        users.delete_team("crew").await,
    ] {
        assert_eq!(code(outcome), "team_not_found");
    }
}

async fn teams_are_listed_and_searched(world: World) {
    let users = &world.users;
    cast(users).await;
    let all = users.list_teams(List::new().order(Team::NAME.ascending())).await.unwrap();
    let names: Vec<_> = all.records.iter().map(|team| &*team.name).collect();
    assert_eq!((all.total, &*names), (2, &["The club", "The crew"][..]));
    let found = users.list_teams(List::new().search("cre").unwrap()).await.unwrap();
    assert_eq!((found.total, &*found.records[0].id), (1, "crew"));
}

async fn an_invitation_is_confirmed_once(world: World) {
    let users = &world.users;
    cast(users).await;
    let (invitation, secret) = users.create_membership("crew", "ann", ["cook"]).await.unwrap();
    assert!(!format!("{invitation:?}{secret:?}").contains(secret.as_str()));
    assert_eq!((invitation.confirm, invitation.joined), (false, None));
    assert_eq!(users.count_members("crew").await.unwrap(), 0);
    assert_eq!(
        code(users.confirm_membership(&invitation.id, "guess").await),
        "team_invalid_secret"
    );
    world.clock.advance(1000);
    let joined = users.confirm_membership(&invitation.id, secret.as_str()).await.unwrap();
    assert!(joined.confirm && joined.joined > Some(joined.invited));
    assert_eq!(users.count_members("crew").await.unwrap(), 1);
    let again = users.confirm_membership(&invitation.id, secret.as_str()).await;
    assert_eq!(code(again), "membership_already_confirmed");
    assert_eq!(code(users.confirm_membership("none", "guess").await), "membership_not_found");
    let (ann, crew) = (users.get("ann").await.unwrap(), users.get_team("crew").await.unwrap());
    assert_eq!(
        joined.to_wire(&ann, &crew),
        json!({
            "$id": joined.id,
            "$createdAt": "2026-01-01T00:00:00.000+00:00",
            "$updatedAt": "2026-01-01T00:00:01.000+00:00",
            "userId": "ann",
            "userName": "ann",
            "userEmail": "ann@x.co",
            "userPhone": "",
            "teamId": "crew",
            "teamName": "The crew",
            "invited": "2026-01-01T00:00:00.000+00:00",
            "joined": "2026-01-01T00:00:01.000+00:00",
            "confirm": true,
            "mfa": false,
            "userAccessedAt": "",
            "roles": ["cook"],
        })
    );
}

async fn of_two_confirmations_one_succeeds(world: World) {
    let users = &world.users;
    cast(users).await;
    for _ in 0..10 {
        let (invitation, secret) = users.create_membership("crew", "ann", ["cook"]).await.unwrap();
        let tries = [0, 1, 2, 3].map(|_| {
            let (users, id, secret) = (users.clone(), invitation.id.clone(), secret.clone());
            tokio::spawn(async move { users.confirm_membership(&id, secret.as_str()).await })
        });
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error.code(), "membership_already_confirmed"),
            }
        }
        assert_eq!(won, 1);
        users.delete_membership(&invitation.id).await.unwrap();
    }
    let entries = users.list_logs("ann", ListLogs::new().limit(100)).await.unwrap().logs;
    let updates = entries.iter().filter(|entry| entry.event == "membership.update").count();
    assert_eq!(updates, 10, "who lost wrote nothing");
}

async fn a_user_is_in_a_team_once(world: World) {
    let users = &world.users;
    cast(users).await;
    let (first, _) = users.create_membership("crew", "ann", ["cook"]).await.unwrap();
    let again = users.create_membership("crew", "ann", ["boss"]).await;
    assert_eq!(code(again), "team_invite_already_exists");
    let again = users.create_confirmed_membership("crew", "ann", ["boss"]).await;
    assert_eq!(code(again), "team_invite_already_exists");
    let nobody = users.create_membership("crew", "nobody", ["cook"]).await;
    assert_eq!(code(nobody), "user_not_found");
    let nowhere = users.create_membership("nowhere", "ann", ["cook"]).await;
    assert_eq!(code(nowhere), "team_not_found");
    let roles = users.create_membership("crew", "bob", vec!["r"; 101]).await.unwrap_err();
    assert_eq!(roles.field(), Some("roles"));
    users.delete_membership(&first.id).await.unwrap();
    assert_eq!(code(users.delete_membership(&first.id).await), "membership_not_found");
    assert_eq!(code(users.get_membership(&first.id).await), "membership_not_found");
    users.create_membership("crew", "ann", ["cook"]).await.unwrap();
}

async fn of_two_invitations_one_succeeds(world: World) {
    let users = &world.users;
    cast(users).await;
    for round in 1..=10 {
        let team = format!("t{round}");
        users.create_team(NewTeam::new("Team").id(&*team)).await.unwrap();
        let tries = [0, 1, 2, 3].map(|_| {
            let (users, team) = (users.clone(), team.clone());
            tokio::spawn(async move { users.create_membership(&team, "ann", ["cook"]).await })
        });
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error.code(), "team_invite_already_exists"),
            }
        }
        assert_eq!((won, total(users, "ann").await), (1, round));
    }
}

async fn a_server_asks_nobody(world: World) {
    let users = &world.users;
    cast(users).await;
    let none: [&str; 0] = [];
    let member = users.create_confirmed_membership("crew", "ann", none).await.unwrap();
    assert!(member.confirm && member.secret.is_none() && member.roles.is_empty());
    let confirmed = users.confirm_membership(&member.id, "anything").await;
    assert_eq!(code(confirmed), "membership_already_confirmed");
}

async fn roles_are_replaced_and_queried(world: World) {
    let users = &world.users;
    cast(users).await;
    let crew = users.create_confirmed_membership("crew", "ann", ["cook", "boss"]).await.unwrap();
    users.create_confirmed_membership("club", "ann", ["boss"]).await.unwrap();
    let bobs = users.create_confirmed_membership("club", "bob", ["cook"]).await.unwrap();
    let not_found = format!("Membership '{}' for the 'cursor' value not found.", bobs.id);
    for error in [
        users.list_memberships_of_user("ann", List::new().after(&*bobs.id)).await.unwrap_err(),
        users.list_memberships_of_team("crew", List::new().after(&*bobs.id)).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), not_found);
    }
    let page = users.list_memberships_of_team("club", List::new().before(&*bobs.id)).await;
    assert_eq!(page.unwrap().records.len(), 1);
    let queried = async |query: &str| {
        let list = List::from_queries(QuerySyntax::Text, [query]).unwrap();
        let page = users.list_memberships_of_user("ann", list).await.unwrap();
        assert_eq!(page.total, u64::try_from(page.records.len()).unwrap());
        page.records.iter().map(|one| one.team_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(queried(r#"contains("roles", ["cook"])"#).await, ["crew"]);
    assert_eq!(queried(r#"contains("roles", ["boss"])"#).await, ["crew", "club"]);
    assert_eq!(queried(r#"equal("teamId", ["club"])"#).await, ["club"]);
    assert_eq!(queried(r#"equal("confirm", [false])"#).await, [""; 0]);
    assert!(List::<Membership>::from_queries(QuerySyntax::Text, [r#"equal("no", [1])"#]).is_err());
    world.clock.advance(1000);
    let changed = users.update_membership_roles(&crew.id, ["boss", "boss"]).await.unwrap();
    assert_eq!(changed.roles, ["boss"]);
    assert!(changed.updated_at > crew.updated_at);
    assert!(queried(r#"contains("roles", ["cook"])"#).await.is_empty());
    assert!(users.update_membership_roles(&crew.id, [""]).await.is_err());
    let none = users.update_membership_roles("none", ["boss"]).await;
    assert_eq!(code(none), "membership_not_found");
}

async fn memberships_are_of_their_user_and_their_team(world: World) {
    let users = &world.users;
    cast(users).await;
    for number in 0..30 {
        let team = format!("t{number}");
        users.create_team(NewTeam::new("Team").id(&*team)).await.unwrap();
        users.create_membership(&team, "ann", ["cook"]).await.unwrap();
    }
    users.create_membership("t0", "bob", ["cook"]).await.unwrap();
    let page = users.list_memberships_of_user("ann", List::new()).await.unwrap();
    assert_eq!((page.total, page.records.len()), (30, 25), "the total is of all pages");
    let last = page.records[24].id.to_string();
    let rest = users.list_memberships_of_user("ann", List::new().after(last)).await.unwrap();
    assert_eq!((rest.total, rest.records.len()), (30, 5));
    let searched = List::new().search("bob").unwrap();
    assert_eq!(users.list_memberships_of_user("ann", searched.clone()).await.unwrap().total, 0);
    assert_eq!(users.list_memberships_of_team("t0", searched).await.unwrap().total, 1);
    assert_eq!(users.list_memberships_of_team("t0", List::new()).await.unwrap().total, 2);
    let nobody = users.list_memberships_of_user("nobody", List::new()).await;
    assert_eq!(code(nobody), "user_not_found");
    let nowhere = users.list_memberships_of_team("nowhere", List::new()).await;
    assert_eq!(code(nowhere), "team_not_found");
}

async fn memberships_are_shown_together(world: World) {
    let users = &world.users;
    cast(users).await;
    for (team, user) in [("crew", "ann"), ("club", "ann"), ("crew", "bob")] {
        users.create_confirmed_membership(team, user, ["cook"]).await.unwrap();
    }
    let mut page = users.list_memberships_of_user("ann", List::new()).await.unwrap().records;
    page.extend(users.list_memberships_of_team("crew", List::new()).await.unwrap().records);
    let names = async || -> Vec<String> {
        let wire = users.memberships_to_wire(&page).await.unwrap();
        wire.iter().map(|one| format!("{} {}", one["userName"], one["teamName"])).collect()
    };
    let (ann, bob) = (r#""ann" "The crew""#, r#""bob" "The crew""#);
    assert_eq!(names().await, [ann, r#""ann" "The club""#, ann, bob]);
    users.delete_team("club").await.unwrap();
    assert_eq!(names().await, [ann, ann, bob]);
    users.delete("ann").await.unwrap();
    assert_eq!(names().await, [bob]);
    let (user, team) = (users.get("bob").await.unwrap(), users.get_team("crew").await.unwrap());
    let wire = users.memberships_to_wire(&page).await.unwrap();
    assert_eq!(wire, [page[3].to_wire(&user, &team)]);
}

async fn a_deleted_user_leaves_its_teams(world: World) {
    let users = &world.users;
    cast(users).await;
    users.create_confirmed_membership("crew", "ann", ["cook"]).await.unwrap();
    let (invitation, secret) = users.create_membership("club", "ann", ["cook"]).await.unwrap();
    users.create_confirmed_membership("crew", "bob", ["cook"]).await.unwrap();
    users.delete("ann").await.unwrap();
    assert_eq!(users.count_members("crew").await.unwrap(), 1);
    let late = users.confirm_membership(&invitation.id, secret.as_str()).await;
    assert_eq!(code(late), "membership_not_found");
    users.create(NewUser::new().id("ann")).await.unwrap();
    assert_eq!(total(users, "ann").await, 0, "a new user inherits nothing");
}

async fn a_deleted_team_leaves_its_users(world: World) {
    let users = &world.users;
    cast(users).await;
    users.create_confirmed_membership("crew", "ann", ["cook"]).await.unwrap();
    users.create_confirmed_membership("club", "ann", ["cook"]).await.unwrap();
    users.delete_team("crew").await.unwrap();
    let left = users.list_memberships_of_user("ann", List::new()).await.unwrap();
    assert_eq!((left.total, &*left.records[0].team_id), (1, "club"));
    users.create_team(NewTeam::new("Crew").id("crew")).await.unwrap();
    assert_eq!(users.count_members("crew").await.unwrap(), 0);
}

async fn the_log_of_the_member_tells(world: World) {
    cast(&world.users).await;
    let users = world.users.acting_as(Actor::new().name("bob"));
    let (invitation, secret) = users.create_membership("crew", "ann", ["cook"]).await.unwrap();
    users.confirm_membership(&invitation.id, secret.as_str()).await.unwrap();
    users.update_membership_roles(&invitation.id, ["boss"]).await.unwrap();
    users.update_membership_roles(&invitation.id, ["boss"]).await.unwrap();
    users.delete_membership(&invitation.id).await.unwrap();
    let entries = users.list_logs("ann", ListLogs::new()).await.unwrap().logs;
    let events: Vec<_> = entries.iter().map(|entry| &*entry.event).collect();
    assert_eq!(
        events,
        [
            "membership.delete",
            "membership.update",
            "membership.update",
            "membership.create",
            "user.create"
        ]
    );
    assert_eq!(entries[0].actor.as_deref(), Some("bob"));
}
