"""What scripts/openapi-check changes in the requests that schemathesis makes up.

Made-up ids are those of nobody, and made-up hashes are none, so that most requests would be refused at the door. Three
in four get the id of somebody who is there, or may have been deleted by another request, and made-up users come back
under these ids. Which ones, follows from what was made up: a request stays the same when it is sent again.
"""

import json
import os
from zlib import crc32

import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])

HASHES = {
    "argon2": "$argon2id$v=19$m=16,t=1,p=1$rEf1Y+ZHYKyVJG9qFrxJUg$sncGrcEjl4kr3v9gaYmGt/GPsfvvM202W/wSFR1vux0",
    "bcrypt": "$2y$04$MCGf4e.umtPQCSyzZu4qduYJlHmj/t.hBD5q3JuHil5MVf/jTRNTO",
    "md5": "5f4dcc3b5aa765d61d8327deb882cf99",
    "phpass": "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
    "sha": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
    "scrypt": "00" * 64,
}


def chosen(values, made_up, count=4):
    """One of the values for three in four of what is made up, and otherwise none."""
    number = crc32(repr(made_up).encode("utf-8", "backslashreplace"))
    return values[number // count % len(values)] if number % count else None


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, made_up in (case.path_parameters or {}).items():
        value = chosen(KNOWN.get(name, [made_up]), made_up)
        if value is not None:
            case.path_parameters[name] = value
    if not isinstance(case.body, dict):
        return
    for name in KNOWN.keys() & case.body.keys():
        value = chosen(KNOWN[name], case.body[name])
        if value is not None:
            case.body[name] = value
    hashed = HASHES.get(case.operation.path.rsplit("/", 1)[-1])
    if hashed is not None and "password" in case.body:
        case.body["password"] = chosen([hashed], case.body) or case.body["password"]
