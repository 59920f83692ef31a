//! Factors: what there is besides passwords, and what a user has of it.

use rollbook_macros::verb;
use serde_json::json;

use super::Users;
use crate::{Error, Factor, RecoveryCodes, User};

/// Which factors there are.
///
/// ```
/// use rollbook_core::{Factor, FactorPolicy};
///
/// let policy = FactorPolicy::new().forbid(Factor::Phone).allow(Factor::Custom);
/// assert!(policy.allows(Factor::Totp) && !policy.allows(Factor::Phone));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorPolicy {
    // By the place of the factor in `Factor`.
    allowed: [bool; 5],
}

impl Default for FactorPolicy {
    fn default() -> Self {
        Self { allowed: [true; 5] }.forbid(Factor::Custom)
    }
}

impl FactorPolicy {
    /// All but [`Factor::Custom`], as the service has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a factor.
    pub fn allow(mut self, factor: Factor) -> Self {
        self.allowed[factor as usize] = true;
        self
    }

    /// Forbids a factor: no challenge is made for it.
    pub fn forbid(mut self, factor: Factor) -> Self {
        self.allowed[factor as usize] = false;
        self
    }

    /// Whether a factor is allowed.
    pub fn allows(&self, factor: Factor) -> bool {
        self.allowed[factor as usize]
    }
}

/// The factors that a user can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Factors {
    /// A verified authenticator.
    pub totp: bool,
    /// A verified phone number.
    pub phone: bool,
    /// A verified e-mail.
    pub email: bool,
    /// Always false, as the service answers it; [`Users::get_recovery_codes`] tells.
    pub recovery_code: bool,
    /// Whether there is a factor of the application's own.
    pub custom: bool,
}

impl Factors {
    /// The factors as the service's response model `mfaFactors`.
    pub fn to_wire(&self) -> serde_json::Value {
        let Self { totp, phone, email, recovery_code, custom } = self;
        json!({
            "totp": totp,
            "phone": phone,
            "email": email,
            "recoveryCode": recovery_code,
            "custom": custom,
        })
    }
}

impl Users {
    /// The factors that a user has, of those that the [`FactorPolicy`] allows.
    ///
    /// # Errors
    ///
    /// [`Error::UserNotFound`].
    ///
    /// ```
    /// # use rollbook_core::*;
    /// # async fn example(users: &Users) -> Result<(), Error> {
    /// users.update_email_verification("ann", true).await?;
    /// let factors = users.list_factors("ann").await?;
    /// assert!(factors.email && !factors.totp);
    /// # Ok(()) }
    /// ```
    #[verb(user_id)]
    pub async fn list_factors(&self, user_id: &str) -> Result<Factors, Error> {
        let user = self.user(user_id).await?;
        let authenticator = self.find_authenticator(user_id).await?;
        let allowed = self.inner.policies.factors;
        Ok(Factors {
            totp: allowed.allows(Factor::Totp) && authenticator.is_some_and(|it| it.verified),
            phone: allowed.allows(Factor::Phone) && user.phone.is_some() && user.phone_verification,
            email: allowed.allows(Factor::Email) && user.email.is_some() && user.email_verification,
            recovery_code: false,
            custom: allowed.allows(Factor::Custom),
        })
    }

    /// Whether a user can be asked for a factor; else why not.
    pub(super) async fn check_factor(&self, user: &User, factor: Factor) -> Result<(), Error> {
        const UNKNOWN: Error = Error::InvalidArgument {
            field: std::borrow::Cow::Borrowed("factor"),
            reason: std::borrow::Cow::Borrowed("The user does not have this factor"),
        };
        if !self.inner.policies.factors.allows(factor) {
            return Err(UNKNOWN);
        }
        match factor {
            Factor::Totp => self.verified_authenticator(&user.id).await.map(drop),
            Factor::RecoveryCode => {
                let codes = self.find_of::<RecoveryCodes>(RecoveryCodes::USER_ID.equal(&*user.id));
                codes.await?.map(drop).ok_or(Error::RecoveryCodesNotFound)
            }
            Factor::Email if user.email.is_some() && user.email_verification => Ok(()),
            Factor::Phone if user.phone.is_some() && user.phone_verification => Ok(()),
            Factor::Email | Factor::Phone => Err(UNKNOWN),
            Factor::Custom => Ok(()),
        }
    }
}
