//! The one address that many spellings lead to (`spec/users-api.md`, 5.4 and 11.6).

use super::Email;

/// What a provider takes as the same address.
struct Provider {
    /// The domain of the canonical form.
    domain: &'static str,
    /// Its other domains.
    others: &'static [&'static str],
    /// What it has at every country: `yahoo` for `yahoo.de`, `yahoo.co.uk` and `yahoo.com.br`.
    brands: &'static [&'static str],
    alias: Alias,
}

/// What of the part before the `@` makes no difference.
#[derive(Clone, Copy)]
enum Alias {
    /// Nothing.
    None,
    /// From the first `+` on.
    Plus,
    /// The same, and dots.
    PlusAndDots,
    /// From the last `-` on.
    Dash,
}

static PROVIDERS: &[Provider] = &[
    Provider {
        domain: "gmail.com",
        others: &["googlemail.com"],
        brands: &[],
        alias: Alias::PlusAndDots,
    },
    Provider {
        domain: "outlook.com",
        others: &["msn.com", "passport.com"],
        brands: &["outlook", "hotmail", "live"],
        alias: Alias::Plus,
    },
    Provider {
        domain: "yahoo.com",
        others: &["ymail.com", "rocketmail.com"],
        brands: &["yahoo"],
        alias: Alias::Dash,
    },
    Provider {
        domain: "icloud.com",
        others: &["me.com", "mac.com"],
        brands: &[],
        alias: Alias::Plus,
    },
    Provider {
        domain: "protonmail.com",
        others: &["proton.me", "pm.me"],
        brands: &[],
        alias: Alias::None,
    },
    Provider { domain: "fastmail.com", others: &["fastmail.fm"], brands: &[], alias: Alias::None },
    Provider { domain: "walla.co.il", others: &[], brands: &["walla"], alias: Alias::None },
];

impl Email {
    /// The address that this one is another spelling of, if the provider is known to take several: without
    /// what stands behind a `+`, for example. Of an unknown provider, and of a part before the `@` in quotes,
    /// it is the address itself.
    ///
    /// `None` if nothing is left of the part before the `@`, as of `-x@yahoo.com`.
    ///
    /// ```
    /// use rollbook_core::Email;
    ///
    /// let email = Email::parse("John.Doe+news@googlemail.com")?;
    /// assert_eq!(email.canonical().as_deref(), Some("johndoe@gmail.com"));
    /// # Ok::<(), rollbook_core::Error>(())
    /// ```
    pub fn canonical(&self) -> Option<String> {
        let (local, domain) = self.parts();
        let Some(provider) = PROVIDERS.iter().find(|provider| provider.has(domain)) else {
            return Some(self.as_str().to_owned());
        };
        let local = if local.contains('"') { local.to_owned() } else { provider.alias.cut(local) };
        (!local.is_empty()).then(|| format!("{local}@{}", provider.domain))
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.split_once('@').expect("an address has an @")
    }
}

impl Provider {
    fn has(&self, domain: &str) -> bool {
        let branded = || brand(domain).is_some_and(|brand| self.brands.contains(&brand));
        self.domain == domain || self.others.contains(&domain) || branded()
    }
}

/// What a domain is called under `com`, a country, or what a country has for companies. Anything else may be
/// anybody's: `hotmail.example.com` is not Microsoft's.
pub(crate) fn brand(domain: &str) -> Option<&str> {
    let (brand, rest) = domain.split_once('.')?;
    let country = rest.strip_prefix("co.").or_else(|| rest.strip_prefix("com.")).unwrap_or(rest);
    (rest == "com" || country.len() == 2).then_some(brand)
}

impl Alias {
    fn cut(self, local: &str) -> String {
        // What begins with a `+` has nothing else to be called by.
        let before_plus = || match local.split_once('+') {
            Some((before, _)) if !before.is_empty() => before,
            _ => local,
        };
        match self {
            Self::None => local.to_owned(),
            Self::Plus => before_plus().to_owned(),
            Self::PlusAndDots => before_plus().replace('.', ""),
            Self::Dash => local.rsplit_once('-').map_or(local, |(before, _)| before).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(address: &str) -> Option<String> {
        Email::parse(address).unwrap().canonical()
    }

    #[test]
    fn the_executed_examples_of_the_spec() {
        for (address, expected) in [
            ("John.Doe+tag@GMAIL.com", "johndoe@gmail.com"),
            ("john.doe@googlemail.com", "johndoe@gmail.com"),
            ("j.d+x@hotmail.co.uk", "j.d@outlook.com"),
            ("user-alias@yahoo.com", "user@yahoo.com"),
            ("a-b-c@yahoo.co.uk", "a-b@yahoo.com"),
            ("u+x@icloud.com", "u@icloud.com"),
            ("u.v@me.com", "u.v@icloud.com"),
            ("u+x@proton.me", "u+x@protonmail.com"),
            ("u+x@company.com", "u+x@company.com"),
            ("+x@gmail.com", "+x@gmail.com"),
        ] {
            assert_eq!(canonical(address).as_deref(), Some(expected), "{address}");
        }
        assert_eq!(canonical("-x@yahoo.com"), None);
    }

    #[test]
    fn a_brand_has_the_domains_of_countries() {
        for (address, expected) in [
            ("a+x@live.de", "a@outlook.com"),
            ("a+x@msn.com", "a@outlook.com"),
            ("a-x@yahoo.com.br", "a@yahoo.com"),
            ("a-x@ymail.com", "a@yahoo.com"),
            ("a.b+x@fastmail.fm", "a.b+x@fastmail.com"),
            ("a.b+x@walla.com", "a.b+x@walla.co.il"),
            ("a+x@hotmail.example.com", "a+x@hotmail.example.com"),
            ("a+x@mail.hotmail.com", "a+x@mail.hotmail.com"),
            ("a+x@live.company", "a+x@live.company"),
            ("a+x@[127.0.0.1]", "a+x@[127.0.0.1]"),
            ("\"a+b\"@gmail.com", "\"a+b\"@gmail.com"),
        ] {
            assert_eq!(canonical(address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn a_canonical_form_is_its_own() {
        for address in ["a.b+c@gmail.com", "a-b@yahoo.de", "a+b@live.fr", "a.b@pm.me", "x@y.co"] {
            let once = canonical(address).unwrap();
            assert_eq!(canonical(&once).unwrap(), once);
        }
    }
}
