//! What a client is, from what it calls itself.

use serde_json::{Value, json};
use woothee::parser::Parser;

use super::country::country_name;

/// A client, its operating system and its device, as far as its user agent tells.
///
/// ```
/// use rollbook_core::Client;
///
/// let client = Client::of(
///     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
/// );
/// assert_eq!((&*client.name, &*client.os_name, &*client.device), ("Chrome", "GNU/Linux", "desktop"));
/// assert_eq!(Client::of("").name, "");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// `browser`, `bot` or empty.
    pub kind: &'static str,
    /// Two letters for a known client, as the service writes them.
    pub code: &'static str,
    /// The name of the client.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Three letters for a known operating system, as the service writes them.
    pub os_code: &'static str,
    /// The name of the operating system.
    pub os_name: String,
    /// Its version.
    pub os_version: String,
    /// `desktop`, `smartphone`, `console` or empty.
    pub device: &'static str,
}

/// Names of clients, and the codes of the service for them.
const CLIENTS: &[(&str, &str)] = &[
    ("Chrome", "CH"),
    ("Edge", "PS"),
    ("Firefox", "FF"),
    ("Internet Explorer", "IE"),
    ("Opera", "OP"),
    ("Safari", "SF"),
    ("Samsung Internet", "SB"),
    ("Vivaldi", "VI"),
    ("Yandex Browser", "YA"),
];

/// Beginnings of the names of operating systems, the codes for them, and their names.
const SYSTEMS: &[(&str, &str, &str)] = &[
    ("Windows", "WIN", "Windows"),
    ("Mac OSX", "MAC", "Mac"),
    ("Mac OS", "MAC", "Mac"),
    ("Linux", "LIN", "GNU/Linux"),
    ("ChromeOS", "COS", "Chrome OS"),
    ("Android", "AND", "Android"),
    ("iPhone", "IOS", "iOS"),
    ("iPad", "IOS", "iOS"),
    ("iPod", "IOS", "iOS"),
    ("iOS", "IOS", "iOS"),
    ("BSD", "BSD", "BSD"),
];

impl Client {
    /// What a client is that calls itself `user_agent`. What is not known stays empty.
    pub fn of(user_agent: &str) -> Self {
        let Some(parsed) = Parser::new().parse(user_agent).filter(|_| !user_agent.is_empty())
        else {
            return Self::default();
        };
        let known = |text: &str| if text == "UNKNOWN" { String::new() } else { text.to_owned() };
        let system = SYSTEMS.iter().find(|(name, ..)| parsed.os.starts_with(name));
        let code =
            CLIENTS.iter().find(|(name, _)| *name == parsed.name).map_or("", |(_, code)| code);
        Self {
            kind: match parsed.category {
                "crawler" => "bot",
                "UNKNOWN" | "misc" => "",
                _ => "browser",
            },
            code,
            name: known(parsed.name),
            version: known(parsed.version),
            os_code: system.map_or("", |(_, code, _)| code),
            os_name: system.map_or_else(|| known(parsed.os), |(_, _, name)| (*name).to_owned()),
            os_version: known(&parsed.os_version),
            device: match parsed.category {
                "pc" => "desktop",
                "smartphone" | "mobilephone" => "smartphone",
                "appliance" => "console",
                _ => "",
            },
        }
    }

    /// The keys in which sessions and log entries tell of a client and of the country that it came from, between
    /// what else they tell.
    pub(super) fn between(&self, head: Value, country: Option<&str>, tail: Value) -> Value {
        let country = country.map(str::to_ascii_lowercase);
        let own = json!({
            "osCode": self.os_code,
            "osName": self.os_name,
            "osVersion": self.os_version,
            "clientType": self.kind,
            "clientCode": self.code,
            "clientName": self.name,
            "clientVersion": self.version,
            "clientEngine": "",
            "clientEngineVersion": "",
            "deviceName": self.device,
            "deviceBrand": "",
            "deviceModel": "",
            "countryCode": country.as_deref().unwrap_or("--"),
            "countryName": country.as_deref().and_then(country_name).unwrap_or("Unknown"),
        });
        let parts = [head, own, tail].into_iter().filter_map(|part| match part {
            Value::Object(part) => Some(part),
            _ => None,
        });
        parts.flatten().collect::<serde_json::Map<_, _>>().into()
    }
}
