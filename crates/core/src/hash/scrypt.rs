//! scrypt (RFC 7914) with its parameters beside the text, which is the derived key in lower-case hex.
//!
//! The salt is the option's *text*: it is not decoded, whatever it looks like. Appwrite's `memory` is
//! the block size r and its `cpu` is N, easily confused.

#[cfg(feature = "kernels")]
use pbkdf2::pbkdf2_hmac;
#[cfg(feature = "kernels")]
use sha2::Sha256;

use super::cost::unit;
use super::encoding;
use super::options::{COST_CPU, COST_MEMORY, COST_PARALLEL, LENGTH, Reader, SALT, options};
use super::scheme::{Parsed, Scheme};
use super::secret::Secret;
use super::work::{Scrypt, Work};
use super::{Cost, Explanation, HashError, HashOptions, Limits, Standing, VerifyError};

const NAME: &str = "scrypt";
/// Bytes of a derived key. A shorter prefix of the right key is right too, so short ones are refused.
const KEY_BYTES: std::ops::RangeInclusive<u64> = 16..=128;

/// The schemes of this file.
pub(super) static SCHEMES: &[&dyn Scheme] = &[&ScryptScheme];

/// The scheme `scrypt`.
#[derive(Debug)]
pub(super) struct ScryptScheme;

impl Scheme for ScryptScheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "scrypt (RFC 7914)"
    }

    fn is_weak(&self) -> bool {
        false
    }

    fn parse(
        &self,
        text: &str,
        options: &HashOptions,
        limits: &Limits,
    ) -> Result<Box<dyn Parsed>, HashError> {
        let known = [&SALT, &COST_CPU, &COST_MEMORY, &COST_PARALLEL, &LENGTH];
        let reader = Reader::new(NAME, options, limits, &known)?;
        let salt = reader.required_text(&SALT)?.to_owned();
        let cost = ScryptCost {
            n: reader.required_integer(&COST_CPU)?,
            r: reader.required_integer(&COST_MEMORY)?,
            p: reader.required_integer(&COST_PARALLEL)?,
        };
        let length = reader.required_integer(&LENGTH)?;
        cost.check(NAME, limits)?;
        if !KEY_BYTES.contains(&length) {
            let reason = format!("{length} bytes are not between 16 and 128");
            return Err(HashError::option(NAME, LENGTH.wire, reason));
        }
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let key = Secret::new(encoding::hex(NAME, text, bytes)?);
        Ok(Box::new(ScryptHash { salt, cost, key }))
    }
}

struct ScryptHash {
    salt: String,
    cost: ScryptCost,
    key: Secret,
}

impl std::fmt::Debug for ScryptHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScryptHash").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl ScryptHash {
    fn derivation<'a>(&'a self, password: &'a [u8]) -> Work<'a> {
        self.cost.work(password, self.salt.as_bytes(), self.key.len())
    }
}

impl Parsed for ScryptHash {
    fn verify(&self, password: &[u8]) -> Result<(), VerifyError> {
        self.conclude(&self.derivation(password).alone(NAME)?)
    }

    fn work<'a>(&'a self, password: &'a [u8]) -> Result<Option<Work<'a>>, VerifyError> {
        Ok(Some(self.derivation(password)))
    }

    fn conclude(&self, outcome: &[u8]) -> Result<(), VerifyError> {
        self.key.matches(outcome)
    }

    fn options(&self) -> HashOptions {
        let ScryptCost { n, r, p } = self.cost;
        options([
            ("salt", self.salt.as_str().into()),
            ("costCpu", n.into()),
            ("costMemory", r.into()),
            ("costParallel", p.into()),
            ("length", self.key.len().into()),
            ("type", NAME.into()),
        ])
    }

    fn is_self_contained(&self) -> bool {
        false
    }

    fn cost(&self) -> Cost {
        self.cost.cost()
    }

    fn explain(&self) -> Explanation {
        let mut notes = Vec::new();
        if self.cost.n < 1024 {
            notes.push(format!(
                "N = {} is tiny; Appwrite's default of 8 was probably meant as a logarithm",
                self.cost.n
            ));
        }
        if self.salt.is_empty() {
            notes.push("the salt is empty, so equal passwords have equal hashes".to_owned());
        }
        Explanation {
            scheme: NAME,
            title: "scrypt".to_owned(),
            parameters: self.cost.parameters(),
            cost: self.cost(),
            standing: if self.cost.n < 1024 { Standing::Broken } else { Standing::Legacy },
            notes,
        }
    }
}

/// The three numbers of scrypt, within the limits once [`check`](Self::check) has passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScryptCost {
    pub(super) n: u64,
    pub(super) r: u64,
    pub(super) p: u64,
}

impl ScryptCost {
    /// Checks RFC 7914's ranges and the limits. Every product is checked for overflow here, so that
    /// none of it can reach an allocator.
    pub(super) fn check(self, scheme: &'static str, limits: &Limits) -> Result<(), HashError> {
        let Self { n, r, p } = self;
        if n < 2 || !n.is_power_of_two() {
            let reason = format!("{n} is not a power of two from 2 up");
            return Err(HashError::option(scheme, COST_CPU.wire, reason));
        }
        let bounded = |parameter, value: u64, limit: u64| {
            if value <= limit {
                return Ok(());
            }
            Err(HashError::OverLimit { scheme, parameter, value, limit })
        };
        let memory = r.saturating_mul(128).saturating_mul(n);
        bounded("memory in bytes (128 N r)", memory, limits.scrypt_memory_bytes)?;
        let buffer = r.saturating_mul(128).saturating_mul(p);
        bounded("memory in bytes (128 r p)", buffer, limits.scrypt_memory_bytes)?;
        let work = n.saturating_mul(r).saturating_mul(p);
        bounded("work (N r p)", work, limits.scrypt_work)?;
        // RFC 7914, section 2.
        bounded("r p", r.saturating_mul(p), (1 << 30) - 1)
    }

    /// Bytes that one computation allocates.
    fn memory_bytes(self) -> u64 {
        let Self { n, r, p } = self;
        // V, B, and one block of scratch: what the kernel is lent for one.
        n.saturating_add(p).saturating_add(1).saturating_mul(r).saturating_mul(128)
    }

    pub(super) fn cost(self) -> Cost {
        let work = self.n.saturating_mul(self.r).saturating_mul(self.p);
        Cost::of(self.memory_bytes(), work, unit::SCRYPT_BLOCK)
    }

    pub(super) fn parameters(self) -> Vec<(&'static str, String)> {
        let Self { n, r, p } = self;
        vec![("N", n.to_string()), ("r", r.to_string()), ("p", p.to_string())]
    }

    /// The work for a key of so many bytes.
    pub(super) fn work<'a>(self, password: &'a [u8], salt: &'a [u8], bytes: usize) -> Work<'a> {
        let (password, salt) = (password.into(), salt.into());
        Scrypt { cost: self, password, salt, bytes }.into()
    }

    pub(super) fn derive(
        self,
        scheme: &'static str,
        password: &[u8],
        salt: &[u8],
        key: &mut [u8],
    ) -> Result<(), VerifyError> {
        let result = derive_many(&mut [Job { password, salt, key }], self, self.memory_bytes());
        result.map_err(|error| match error {
            VerifyError::Primitive { .. } => VerifyError::Primitive { scheme },
            error => error,
        })
    }
}

/// A key to derive.
pub(super) struct Job<'a> {
    pub(super) password: &'a [u8],
    pub(super) salt: &'a [u8],
    /// Its length is a parameter, too.
    pub(super) key: &'a mut [u8],
}

/// Derives keys of one cost, as many side by side as `memory_bytes` has room for by their cost, and at least one. A
/// block of scratch for each is not counted. If the system has less memory to give, it is one after the other.
#[cfg(feature = "kernels")]
pub(super) fn derive_many(
    jobs: &mut [Job<'_>],
    cost: ScryptCost,
    memory_bytes: u64,
) -> Result<(), VerifyError> {
    use rollbook_kernels::memory::{Line, bytes_mut};
    use rollbook_kernels::scrypt;

    use super::arena;

    let least_bytes = cost.memory_bytes();
    let shortage = || VerifyError::OutOfMemory { bytes: least_bytes };
    let lines = |bytes: u64| usize::try_from(bytes).map(|bytes| bytes / size_of::<Line>());
    let size = |number: u64| usize::try_from(number).map_err(|_| shortage());
    // No more than can be addressed: so no product overflows.
    let addressable = isize::try_from(least_bytes).is_ok();
    let least = lines(least_bytes).ok().filter(|_| addressable).ok_or_else(shortage)?;
    let most = lines(memory_bytes).unwrap_or(usize::MAX).max(least);
    let (n, r, p) = (size(cost.n)?, size(cost.r)?, size(cost.p)?);
    // B of a job, in whole lines.
    let job_lines = p * 2 * r;
    let at_once = (most - (least - job_lines)) / job_lines;

    let derive = |jobs: &mut [Job<'_>], mix_lines: usize| {
        let blocks_lines = jobs.len() * job_lines;
        arena::with(blocks_lines + mix_lines, |memory| {
            let (blocks, memory) = memory.split_at_mut(blocks_lines);
            for (job, block) in jobs.iter().zip(blocks.chunks_mut(job_lines)) {
                pbkdf2_hmac::<Sha256>(job.password, job.salt, 1, bytes_mut(block));
            }
            scrypt::mix(blocks, memory, n, r);
            for (job, block) in jobs.iter_mut().zip(blocks.chunks_mut(job_lines)) {
                pbkdf2_hmac::<Sha256>(job.password, bytes_mut(block), 1, job.key);
            }
        })
    };
    for jobs in jobs.chunks_mut(at_once) {
        let blocks = jobs.len() * p;
        let room = (most - jobs.len() * job_lines).saturating_add(blocks.min(scrypt::MOST) * 2 * r);
        let mix_lines = scrypt::lines(blocks, n, r, room).ok_or_else(shortage)?;
        if derive(jobs, mix_lines).is_none() {
            for job in jobs.chunks_mut(1) {
                derive(job, least - job_lines).ok_or_else(shortage)?;
            }
        }
    }
    Ok(())
}

/// Derives keys of one cost, one after the other.
#[cfg(not(feature = "kernels"))]
pub(super) fn derive_many(
    jobs: &mut [Job<'_>],
    cost: ScryptCost,
    _memory_bytes: u64,
) -> Result<(), VerifyError> {
    let bytes = cost.memory_bytes();
    // The crate offers no fallible allocation. Asking for the same amount first turns all but a
    // race for the last of the memory into an error.
    let size = usize::try_from(bytes).map_err(|_| VerifyError::OutOfMemory { bytes })?;
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(size).map_err(|_| VerifyError::OutOfMemory { bytes })?;
    drop(probe);

    let primitive = || VerifyError::Primitive { scheme: NAME };
    let log_n = u8::try_from(cost.n.trailing_zeros()).map_err(|_| primitive())?;
    let r = u32::try_from(cost.r).map_err(|_| primitive())?;
    let p = u32::try_from(cost.p).map_err(|_| primitive())?;
    let params = ::scrypt::Params::new(log_n, r, p).map_err(|_| primitive())?;
    for Job { password, salt, key } in jobs {
        ::scrypt::scrypt(password, salt, &params, key).map_err(|_| primitive())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_as_one_each() {
        let passwords: Vec<String> = (0..30).map(|n| format!("password {n}")).collect();
        for (n, r, p) in [(16, 8, 1), (64, 1, 2), (2, 3, 5)] {
            let cost = ScryptCost { n, r, p };
            let mut expected = vec![[0; 40]; passwords.len()];
            for (password, key) in passwords.iter().zip(&mut expected) {
                cost.derive(NAME, password.as_bytes(), b"salt", key).unwrap();
            }
            for times in [0, 1, 2, 5, 12, 13, 100] {
                let mut keys = vec![[0; 40]; passwords.len()];
                let jobs = passwords.iter().zip(&mut keys);
                let mut jobs: Vec<_> = jobs
                    .map(|(password, key)| Job {
                        password: password.as_bytes(),
                        salt: b"salt",
                        key,
                    })
                    .collect();
                derive_many(&mut jobs, cost, cost.memory_bytes() * times).unwrap();
                assert_eq!(keys, expected, "{cost:?}, memory of {times}");
            }
        }
    }

    #[test]
    fn memory_that_there_is_not_is_an_error() {
        let cost = ScryptCost { n: 1 << 50, r: 8, p: 1 };
        let result = cost.derive(NAME, b"password", b"salt", &mut [0; 16]);
        let bytes = cost.memory_bytes();
        assert_eq!(result, Err(VerifyError::OutOfMemory { bytes }));
        let cost = ScryptCost { n: 1 << 63, r: 1 << 40, p: 1 << 40 };
        let result = cost.derive(NAME, b"password", b"salt", &mut [0; 16]);
        assert_eq!(result, Err(VerifyError::OutOfMemory { bytes: u64::MAX }));
    }

    #[test]
    fn no_product_overflows() {
        let check = |n, r, p, good: bool| {
            let cost = ScryptCost { n, r, p };
            assert_eq!(cost.check(NAME, &Limits::default()).is_ok(), good, "{cost:?}");
            let _ = cost.cost();
        };
        check(1 << 14, 8, 1, true);
        check(1 << 18, 8, 1, true);
        check(1 << 19, 8, 1, false);
        check(2, 1, 1, true);
        check(1 << 63, u64::MAX, u64::MAX, false);
        check(2, u64::MAX, 1, false);
        check(2, 1, u64::MAX, false);
        check(3, 1, 1, false);
    }
}
