//! Phone numbers.

use super::text::checked_text;
use crate::Error;

checked_text! {
    /// A phone number in E.164 form: `+`, an assigned country calling code, 7 to 15 digits in all
    /// (`spec/users-api.md`, 5.5 and 11.4).
    ///
    /// ```
    /// use rollbook_core::Phone;
    ///
    /// assert_eq!(Phone::parse("+16175551212")?.as_str(), "+16175551212");
    /// assert!(Phone::parse("16175551212").is_err());
    /// # Ok::<(), rollbook_core::Error>(())
    /// ```
    Phone
}

impl Phone {
    /// The number that `text` is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `phone` if it is none.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let valid = text.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && has_calling_code(digits)
        });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid(
                "phone",
                "Phone number must start with a '+' can have a maximum of fifteen digits.",
            ))
        }
    }
}

/// Calling codes are free of prefixes, so the order of the lengths does not matter.
fn has_calling_code(digits: &str) -> bool {
    (1..=3).any(|length| {
        digits[..length].parse().is_ok_and(|code: u16| CALLING_CODES.binary_search(&code).is_ok())
            && !digits.starts_with('0')
    })
}

/// The assigned country calling codes (ITU-T E.164), ascending.
static CALLING_CODES: &[u16] = &[
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54,
    55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98, 211,
    212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234,
    235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253,
    254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290, 291, 297, 298,
    299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377,
    378, 379, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505,
    506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670, 672, 673, 674, 675,
    676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800, 808, 850,
    852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966,
    967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executed_examples_of_the_spec() {
        let accepted =
            ["+1415555", "+16175551212", "+919367788755111", "+123456789012", "+910000000000"];
        for number in accepted {
            assert!(Phone::parse(number).is_ok(), "{number}");
        }
        let refused = [
            "",
            "+",
            "+1",
            "+14",
            "+141",
            "+1415",
            "+14155",
            "+141555",
            "+1415555245634543",
            "+8020000000",
            "+0415553452342",
            "14155552456",
            "+1415 5552456",
            "+1415-5552456",
            "+1415555a456",
            "+１４１５５５５",
            "+1415555\n",
            " +1415555",
            "++1415555",
        ];
        for number in refused {
            assert!(Phone::parse(number).is_err(), "{number}");
        }
    }

    #[test]
    fn the_calling_codes_can_be_searched() {
        assert!(CALLING_CODES.is_sorted());
    }
}
