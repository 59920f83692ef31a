//! All rules in one value.

use super::{EmailPolicy, FactorPolicy, LogPolicy, PasswordPolicy, SessionPolicy};

/// The rules that an application decides about, each with a default.
///
/// ```
/// use rollbook_core::{LogPolicy, PasswordPolicy, Policies};
///
/// let policies = Policies::new()
///     .passwords(PasswordPolicy::new().history(5).refuse_common())
///     .logs(LogPolicy::new().days(90));
/// # let _ = policies;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Policies {
    pub(super) passwords: PasswordPolicy,
    pub(super) emails: EmailPolicy,
    pub(super) sessions: SessionPolicy,
    pub(super) logs: LogPolicy,
    pub(super) factors: FactorPolicy,
}

impl Policies {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a new password must be besides 8 to 256 bytes long. Default: nothing.
    pub fn passwords(self, passwords: PasswordPolicy) -> Self {
        Self { passwords, ..self }
    }

    /// What a new e-mail must be besides valid, and the lists that tell what it is. Default: nothing, and
    /// [`KnownDomains`](crate::KnownDomains).
    pub fn emails(self, emails: EmailPolicy) -> Self {
        Self { emails, ..self }
    }

    /// How long sessions last, and how many a user may have. Default: a year, and any number.
    pub fn sessions(self, sessions: SessionPolicy) -> Self {
        Self { sessions, ..self }
    }

    /// How long the activity log remembers. Default: a year, and 10,000 entries of a user.
    pub fn logs(self, logs: LogPolicy) -> Self {
        Self { logs, ..self }
    }

    /// Which factors there are besides passwords. Default: all but [`Factor::Custom`](crate::Factor::Custom).
    pub fn factors(self, factors: FactorPolicy) -> Self {
        Self { factors, ..self }
    }
}
