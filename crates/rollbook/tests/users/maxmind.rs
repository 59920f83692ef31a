use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::*;
use rollbook::{Actor, Countries, ListLogs, MaxMind, MaxMindError, NewUser, Users};

use crate::support::{World, on_every_store};

on_every_store! {
    logs_and_sessions_have_the_country
}

/// A value of the data section, as the MMDB format, 2.0, encodes it.
enum Value {
    Text(&'static str),
    Number(u8, u64),
    Map(Vec<(&'static str, Value)>),
    List,
}

// The types of numbers.
const U16: u8 = 5;
const U32: u8 = 6;
const U64: u8 = 9;

impl Value {
    fn encode(&self, out: &mut Vec<u8>) {
        let (kind, size) = match self {
            Self::Text(text) => (2, text.len()),
            Self::Number(kind, _) => (*kind, 8),
            Self::Map(entries) => (7, entries.len()),
            Self::List => (11, 0),
        };
        let size = match self {
            Self::Number(U16, _) => 2,
            Self::Number(U32, _) => 4,
            _ => u8::try_from(size).unwrap(),
        };
        assert!(size < 29, "longer sizes are written otherwise");
        if kind < 8 {
            out.push(kind << 5 | size);
        } else {
            out.extend([size, kind - 7]);
        }
        match self {
            Self::Text(text) => out.extend(text.bytes()),
            Self::Number(_, number) => {
                out.extend(&number.to_be_bytes()[8 - usize::from(size)..]);
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    Self::Text(key).encode(out);
                    value.encode(out);
                }
            }
            Self::List => {}
        }
    }
}

/// What a bit of an address leads to.
#[derive(Clone, Copy)]
enum Step {
    Nothing,
    Node(usize),
    Data(usize),
}

/// A database of a type, of addresses of a version, with what it says of networks.
fn database(kind: &'static str, version: u8, networks: &[(&str, u8, Value)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Step::Nothing; 2]], Vec::new());
    for (address, length, value) in networks {
        let (bits, skipped) = match address.parse().unwrap() {
            IpAddr::V4(address) if version == 4 => (u128::from(u32::from(address)) << 96, 0),
            // Version 6 has the others under `::`.
            IpAddr::V4(address) => (u128::from(u32::from(address)), 96),
            IpAddr::V6(address) => (u128::from(address), 0),
        };
        let (mut node, last) = (0, skipped + length - 1);
        for place in 0..=last {
            let bit = usize::try_from(bits >> (127 - place) & 1).unwrap();
            if place == last {
                nodes[node][bit] = Step::Data(data.len());
            } else if let Step::Node(next) = nodes[node][bit] {
                node = next;
            } else {
                nodes.push([Step::Nothing; 2]);
                let next = nodes.len() - 1;
                nodes[node][bit] = Step::Node(next);
                node = next;
            }
        }
        value.encode(&mut data);
    }
    let mut file = Vec::new();
    for step in nodes.iter().flatten() {
        let record = match step {
            Step::Nothing => nodes.len(),
            Step::Node(node) => *node,
            Step::Data(place) => nodes.len() + 16 + place,
        };
        file.extend(&u32::try_from(record).unwrap().to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = Value::Map(vec![
        ("binary_format_major_version", Value::Number(U16, 2)),
        ("binary_format_minor_version", Value::Number(U16, 0)),
        ("build_epoch", Value::Number(U64, 1_767_225_600)),
        ("database_type", Value::Text(kind)),
        ("description", Value::Map(Vec::new())),
        ("ip_version", Value::Number(U16, version.into())),
        ("languages", Value::List),
        ("node_count", Value::Number(U32, u64::try_from(nodes.len()).unwrap())),
        ("record_size", Value::Number(U16, 24)),
    ]);
    metadata.encode(&mut file);
    file
}

fn country(code: &'static str) -> Value {
    let country =
        Value::Map(vec![("geoname_id", Value::Number(U32, 7)), ("iso_code", Value::Text(code))]);
    Value::Map(vec![("continent", Value::Map(Vec::new())), ("country", country)])
}

fn countries(version: u8) -> Vec<u8> {
    let mut networks = vec![
        ("1.0.0.0", 8, country("AU")),
        ("2.0.0.0", 12, country("FR")),
        ("2.16.0.0", 16, Value::Map(Vec::new())),
        ("81.2.69.160", 27, country("GB")),
        ("9.0.0.0", 8, country("<b>")),
    ];
    if version == 6 {
        networks.push(("2001:218::", 32, country("JP")));
    }
    database("GeoLite2-Country", version, &networks)
}

const ADDRESSES: [&str; 8] = [
    "1.2.3.4",
    "2.15.0.1",
    "2.16.0.1",
    "81.2.69.161",
    "9.9.9.9",
    "2001:218::1",
    "::ffff:1.2.3.4",
    "8.8.8.8",
];

fn all(database: &MaxMind) -> [Option<String>; 8] {
    ADDRESSES.map(|address| database.country(address.parse().unwrap()))
}

#[test]
fn addresses_have_the_countries_of_the_file() {
    for (version, japan) in [(4, None), (6, Some("JP"))] {
        let expected = [Some("AU"), Some("FR"), None, Some("GB"), None, japan, Some("AU"), None];
        let database = MaxMind::from_bytes(countries(version)).unwrap();
        assert_eq!(all(&database), expected.map(|code| code.map(ToOwned::to_owned)), "{version}");
        assert_eq!(format!("{database:?}"), r#"MaxMind { type: "GeoLite2-Country", .. }"#);
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("countries.mmdb");
    std::fs::write(&path, countries(6)).unwrap();
    let database = MaxMind::open(&path).unwrap();
    assert_eq!(database.country("1.2.3.4".parse().unwrap()).as_deref(), Some("AU"));
    let small = database_of_one("10.1.2.0");
    assert_eq!(small.country("10.1.2.3".parse().unwrap()).as_deref(), Some("DE"));
}

fn database_of_one(network: &str) -> MaxMind {
    let bytes = database("Offices", 4, &[(network, 24, country("DE"))]);
    MaxMind::from_bytes(bytes).unwrap()
}

#[test]
fn what_has_no_countries_is_refused() {
    let provider = Value::Map(vec![("autonomous_system_number", Value::Number(U32, 13335))]);
    let providers = database("GeoLite2-ASN", 4, &[("1.0.0.0", 8, provider)]);
    let error = MaxMind::from_bytes(providers).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"a database of the type "GeoLite2-ASN" has no countries; one of the type "GeoLite2-Country" has"#
    );
    // Some have the code in another place.
    let flat =
        database("flat", 4, &[("1.0.0.0", 8, Value::Map(vec![("country", Value::Text("AU"))]))]);
    assert!(matches!(MaxMind::from_bytes(flat), Err(MaxMindError::NoCountries { .. })));
}

#[test]
fn what_is_no_database_is_refused() {
    let whole = countries(6);
    for bytes in [&b""[..], b"SQLite format 3\0", &whole[..whole.len() - 40], &whole[500..]] {
        let error = MaxMind::from_bytes(bytes.to_vec()).unwrap_err();
        assert!(matches!(error, MaxMindError::Format(_)), "{error}");
        assert_eq!(error.to_string(), "not a database in MaxMind's format, or a damaged one");
        assert!(std::error::Error::source(&error).is_some());
    }
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().join("missing.mmdb"), directory.path().to_owned()] {
        let error = MaxMind::open(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("{path:?} can't be read"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_damaged_database_does_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        version in prop::sample::select(vec![4, 6]),
    ) {
        let mut bytes = countries(version);
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(database) = MaxMind::from_bytes(bytes) {
            for code in all(&database).into_iter().flatten() {
                prop_assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            }
        }
    }
}

async fn logs_and_sessions_have_the_country(world: World) {
    let countries = MaxMind::from_bytes(countries(6)).unwrap();
    let users = Users::builder(world.store.clone()).countries(Arc::new(countries)).build();
    let users = users.acting_as(Actor::new().ip([81, 2, 69, 161]));
    let ann = users.create(NewUser::new().id("ann")).await.unwrap();
    let logs = users.list_logs("ann", ListLogs::new()).await.unwrap().logs;
    assert_eq!(logs[0].country.as_deref(), Some("GB"));
    let session = users.create_session("ann").await.unwrap().session;
    for wire in [logs[0].to_wire(&ann), session.to_wire("", false)] {
        assert_eq!(
            (&wire["countryCode"], &wire["countryName"]),
            (&"gb".into(), &"United Kingdom".into())
        );
    }
}
