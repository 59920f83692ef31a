use rollbook::{NewUser, UsageRange};

use crate::support::{START, World, on_every_store};

on_every_store! {
    points_are_counted_by_hour_and_by_day
    what_is_deleted_is_not_counted
}

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// The points that are not 0, each with its distance from the last one.
fn told(points: &[rollbook::UsagePoint]) -> Vec<(usize, u64)> {
    let from_last = points.iter().rev().enumerate();
    from_last.filter(|(_, point)| point.value > 0).map(|(ago, point)| (ago, point.value)).collect()
}

async fn points_are_counted_by_hour_and_by_day(world: World) {
    let users = &world.users;
    // One user at each of these times, the last one now.
    let times = [0, DAY - 1, DAY, 10 * DAY, 40 * DAY, 40 * DAY + 3 * HOUR, 40 * DAY + 4 * HOUR + 5];
    let mut passed = 0;
    for time in times {
        world.clock.advance(time - passed);
        passed = time;
        let user = users.create(NewUser::new()).await.unwrap();
        users.create_session(&user.id).await.unwrap();
    }
    for (range, points, expected) in [
        (UsageRange::Day, 24, vec![(0, 1), (1, 1), (4, 1)]),
        (UsageRange::Week, 7, vec![(0, 3)]),
        (UsageRange::Month, 30, vec![(0, 3)]),
        (UsageRange::Quarter, 90, vec![(0, 3), (30, 1), (39, 1), (40, 2)]),
    ] {
        let usage = users.usage(range).await.unwrap();
        assert_eq!((usage.users_total, usage.sessions_total), (7, 7));
        assert_eq!((usage.users.len(), usage.sessions.len()), (points, points));
        assert_eq!(told(&usage.users), expected, "{range:?}");
        assert_eq!(told(&usage.sessions), expected, "{range:?}");
    }
    let usage = users.usage(UsageRange::Quarter).await.unwrap();
    let dates: Vec<_> = usage.users.iter().map(|point| point.date.as_millis()).collect();
    assert_eq!(dates[89], START + 40 * DAY);
    assert!(dates.windows(2).all(|pair| pair[1] - pair[0] == DAY));
    let wire = usage.to_wire();
    assert_eq!((&wire["range"], &wire["usersTotal"]), (&"90d".into(), &7.into()));
    assert_eq!(wire["users"][49]["date"], "2026-01-01T00:00:00.000+00:00");
    assert_eq!(wire["users"][49]["value"], 2);
}

async fn what_is_deleted_is_not_counted(world: World) {
    let users = &world.users;
    for id in ["ann", "bob"] {
        users.create(NewUser::new().id(id)).await.unwrap();
        users.create_session(id).await.unwrap();
    }
    users.delete("ann").await.unwrap();
    let usage = users.usage(UsageRange::Day).await.unwrap();
    assert_eq!((usage.users_total, usage.sessions_total), (1, 1));
    assert_eq!((told(&usage.users), told(&usage.sessions)), (vec![(0, 1)], vec![(0, 1)]));
}
