//! What a new e-mail must be besides valid.

use std::sync::Arc;

use super::domains::{EmailDomains, KnownDomains};
use crate::{Email, EmailClass, Error};

/// Rules for new e-mails, all off unless asked for (`spec/users-api.md`, 1.12 and 5.4), and the lists that
/// tell what a domain is.
///
/// They apply where an e-mail is set: by [`create`](crate::Users::create), also with a hash, and by
/// [`update_email`](crate::Users::update_email), also if it is the same. They don't apply to
/// [`import`](crate::Users::import), which brings users who were let in elsewhere; their e-mails are told
/// apart all the same.
///
/// ```
/// # use rollbook_core::*;
/// # use std::sync::Arc;
/// # async fn example(store: Arc<dyn UserStore>) -> Result<(), Error> {
/// let policies = Policies::new().emails(EmailPolicy::new().refuse_disposable().require_canonical());
/// let users = Users::builder(store).policies(policies).build();
/// let refused = users.create(NewUser::new().email("ann@mailinator.com")).await;
/// assert!(matches!(refused, Err(Error::EmailDisposable)));
/// let refused = users.create(NewUser::new().email("ann+2@gmail.com")).await;
/// assert!(matches!(refused, Err(Error::EmailNotCanonical)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct EmailPolicy {
    domains: Arc<dyn EmailDomains>,
    disposable: Rule,
    canonical: Rule,
    free: Rule,
    corporate: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Off,
    On,
}

impl Default for EmailPolicy {
    fn default() -> Self {
        Self {
            domains: Arc::new(KnownDomains),
            disposable: Rule::Off,
            canonical: Rule::Off,
            free: Rule::Off,
            corporate: Rule::Off,
        }
    }
}

impl EmailPolicy {
    /// No rules, and the lists that come with the library.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lists that tell what a domain is. What a stored e-mail is was told when it was set, and stays until
    /// it is set again.
    pub fn domains(self, domains: Arc<dyn EmailDomains>) -> Self {
        Self { domains, ..self }
    }

    /// Refuses addresses that are there to be thrown away: [`Error::EmailDisposable`].
    pub fn refuse_disposable(self) -> Self {
        Self { disposable: Rule::On, ..self }
    }

    /// Refuses addresses of providers where everybody can have one: [`Error::EmailFree`].
    pub fn refuse_free(self) -> Self {
        Self { free: Rule::On, ..self }
    }

    /// Refuses other spellings of an address, [`Email::canonical`], with which somebody could sign up again and
    /// again: [`Error::EmailNotCanonical`].
    pub fn require_canonical(self) -> Self {
        Self { canonical: Rule::On, ..self }
    }

    /// Refuses free and disposable addresses alike: [`Error::EmailNotCorporate`].
    pub fn require_corporate(self) -> Self {
        Self { corporate: Rule::On, ..self }
    }

    /// What an address is; `None` if it has no canonical form, as the service has it.
    pub(in crate::users) fn class(&self, email: &Email) -> Option<EmailClass> {
        email.canonical().map(|_| self.class_of_domain(email))
    }

    pub(in crate::users) fn check(&self, email: &Email) -> Result<(), Error> {
        let Self { disposable, canonical, free, corporate, domains: _ } = *self;
        if [disposable, canonical, free, corporate] == [Rule::Off; 4] {
            return Ok(());
        }
        let class = self.class_of_domain(email);
        let is_canonical = || email.canonical().as_deref() == Some(email.as_str());
        if disposable == Rule::On && class == EmailClass::Disposable {
            Err(Error::EmailDisposable)
        } else if canonical == Rule::On && !is_canonical() {
            Err(Error::EmailNotCanonical)
        } else if free == Rule::On && class == EmailClass::Free {
            Err(Error::EmailFree)
        } else if corporate == Rule::On && class != EmailClass::Corporate {
            Err(Error::EmailNotCorporate)
        } else {
            Ok(())
        }
    }

    fn class_of_domain(&self, email: &Email) -> EmailClass {
        let domain = email.domain();
        if self.domains.is_disposable(domain) {
            EmailClass::Disposable
        } else if self.domains.is_free(domain) {
            EmailClass::Free
        } else {
            EmailClass::Corporate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &EmailPolicy, address: &str) -> &'static str {
        match policy.check(&Email::parse(address).unwrap()) {
            Ok(()) => "ok",
            Err(error) => error.code(),
        }
    }

    // `spec/users-api.md`, 11.6.
    #[test]
    fn the_classes_of_the_spec() {
        let class = |domain: &str| {
            EmailPolicy::new().class(&Email::parse(&format!("a@{domain}")).unwrap()).unwrap()
        };
        for free in ["gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me"] {
            assert_eq!(class(free), EmailClass::Free, "{free}");
        }
        for free in ["fastmail.com", "walla.co.il", "yandex.ru", "yahoo.co.jp", "gmx.net"] {
            assert_eq!(class(free), EmailClass::Free, "{free}");
        }
        assert_eq!(class("mailinator.com"), EmailClass::Disposable);
        for corporate in ["psg.fr", "company.com", "gmail.company.com", "[127.0.0.1]"] {
            assert_eq!(class(corporate), EmailClass::Corporate, "{corporate}");
        }
        assert_eq!(EmailPolicy::new().class(&Email::parse("-x@yahoo.com").unwrap()), None);
    }

    #[test]
    fn each_rule_refuses_its_own() {
        let none = EmailPolicy::new();
        let disposable = none.clone().refuse_disposable();
        let free = none.clone().refuse_free();
        let canonical = none.clone().require_canonical();
        let corporate = none.clone().require_corporate();
        let (d, f) = ("user_email_disposable", "user_email_free");
        let (n, c) = ("user_email_not_canonical", "user_email_not_corporate");
        for (address, expected) in [
            ("a@company.com", ["ok", "ok", "ok", "ok", "ok"]),
            ("a+b@company.com", ["ok", "ok", "ok", "ok", "ok"]),
            ("a@gmail.com", ["ok", "ok", f, "ok", c]),
            ("a.b@gmail.com", ["ok", "ok", f, n, c]),
            ("a@mailinator.com", ["ok", d, "ok", "ok", c]),
            ("-x@yahoo.com", ["ok", "ok", f, n, c]),
        ] {
            let policies = [&none, &disposable, &free, &canonical, &corporate];
            assert_eq!(policies.map(|policy| check(policy, address)), expected, "{address}");
        }
        let all = disposable.refuse_free().require_canonical().require_corporate();
        for (address, expected) in [("a@yopmail.com", d), ("a.b@gmail.com", n), ("a@qq.com", f)] {
            assert_eq!(check(&all, address), expected, "{address}");
        }
    }
}
