//! How much work and memory a stored hash may ask for.

/// Whether schemes that are no protection at all may be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum Weak {
    /// They are errors.
    Refuse,
    /// They come in, and every report calls them broken.
    Allow,
}

/// Declares the fields, their defaults and their setters in one table.
macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident / $setter:ident: $type:ty = $default:expr;)*) => {
        /// The largest costs that an imported hash may have, each checked before any work is done.
        ///
        /// A hash comes from somebody's export, and so do its parameters: without bounds one row can
        /// stop a server at its next sign-in. The defaults follow what other importers refuse; they
        /// are the values of [`Default`], and every one has a setter.
        ///
        /// Limits apply when a [`PasswordHash`](crate::PasswordHash) is made, also from a stored row,
        /// so lowering one takes effect for the users that are already there.
        ///
        /// ```
        /// use rollbook_core::{HashError, HashOptions, Limits, PasswordHash};
        ///
        /// let limits = Limits::default().with_bcrypt_cost(4);
        /// let text = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        /// let error = PasswordHash::import("bcrypt", text, &HashOptions::new(), &limits).unwrap_err();
        /// assert!(matches!(error, HashError::OverLimit { parameter: "cost", value: 5, limit: 4, .. }));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Limits {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                pub fn $setter(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

limits! {
    /// Argon2 memory in KiB: 256 MiB. Ory Kratos and Supabase allow 1 GiB, Zitadel 512 MiB.
    argon2_memory_kib / with_argon2_memory_kib: u32 = 256 * 1024;
    /// Argon2 iterations: 64. Peers stop at 10 or 20, with much larger memories; a sign-in with little
    /// memory may need more passes.
    argon2_iterations / with_argon2_iterations: u32 = 64;
    /// Argon2 lanes: 16, as Kratos, Supabase and Zitadel have it.
    argon2_lanes / with_argon2_lanes: u32 = 16;
    /// Argon2 memory times iterations, in KiB: 4 GiB. The product is the work; peers bound only the
    /// factors and so allow 20 GiB.
    argon2_kib_passes / with_argon2_kib_passes: u64 = 4 * 1024 * 1024;
    /// bcrypt cost, the logarithm of the rounds: 15 (about 2 seconds), as Kratos has it. 31 is a day.
    bcrypt_cost / with_bcrypt_cost: u32 = 15;
    /// phpass cost, the logarithm of the MD5 rounds: 20 (about 0.2 seconds). WordPress wrote 13.
    phpass_log2 / with_phpass_log2: u32 = 20;
    /// Rounds of extended DES, which phpass writes without bcrypt: 2^18 (about 0.04 seconds).
    des_rounds / with_des_rounds: u32 = 1 << 18;
    /// PBKDF2 iterations times blocks of output: 10 million, as Kratos and Zitadel have it for the
    /// iterations (about 1 to 5 seconds). OWASP asks for 1.4 million at most.
    pbkdf2_rounds / with_pbkdf2_rounds: u64 = 10_000_000;
    /// Rounds of an iterated digest (Symfony, Shiro, FSHP, Jasypt, `iterate` of an expression): 1 M, about
    /// 0.2 seconds. Firebase stops at 8192; most others have no bound. 16 KiB of bytes count as a round at least.
    digest_rounds / with_digest_rounds: u32 = 1_000_000;
    /// scrypt memory in bytes, 128 N r and 128 r p: 256 MiB.
    scrypt_memory_bytes / with_scrypt_memory_bytes: u64 = 256 * 1024 * 1024;
    /// scrypt work, N r p: 2^24, which is 2 GiB of memory traffic each way.
    scrypt_work / with_scrypt_work: u64 = 1 << 24;
    /// Rounds of SHA-crypt (`$5$`, `$6$`, `caching_sha2_password`): 1,000,000 (about 0.3 seconds, or 2 with
    /// the longest password). The format allows 999,999,999; Ory Kratos and Kanidm have no bound of
    /// their own.
    sha_crypt_rounds / with_sha_crypt_rounds: u64 = 1_000_000;
    /// Bytes of a password for SHA-crypt and Drupal 7, whose work grows with its length
    /// (CVE-2016-20013): 512, as libxcrypt and Drupal have it.
    crypt_password_bytes / with_crypt_password_bytes: usize = 512;
    /// Rounds of sha1crypt, each an HMAC: 1,000,000 (about 0.15 seconds).
    sha1crypt_rounds / with_sha1crypt_rounds: u64 = 1_000_000;
    /// Rounds of Sun's MD5 beyond the 4096 that are always there: 100,000 (about 0.15 seconds). Solaris
    /// wrote 904; libxcrypt writes 32,768 and more.
    sunmd5_rounds / with_sunmd5_rounds: u64 = 100_000;
    /// Drupal 7 cost, the logarithm of the SHA-512 rounds: 18 (about 0.1 seconds, or 0.5 with
    /// the longest password). Drupal wrote 15.
    drupal_log2 / with_drupal_log2: u32 = 18;
    /// Bytes of a password: 4096, as Django, Symfony and WordPress have it (CVE-2013-1443,
    /// CVE-2014-9034). Longer ones are refused before they are hashed.
    password_bytes / with_password_bytes: usize = 4096;
    /// Bytes of a hash text: 1024.
    text_bytes / with_text_bytes: usize = 1024;
    /// Bytes of one option (salt, separator, signer key) as text: 1024.
    option_bytes / with_option_bytes: usize = 1024;
    /// Whether schemes that are no protection at all may be imported: no. The API's own md5 and sha may
    /// always.
    weak / with_weak: Weak = Weak::Refuse;
}
