//! Ranges, times, network addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Bound;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{keep, stop_here};

pub fn ranges() {
    let range = 1..5; // view: range = 1..5
    let inclusive = -1..=5i64; // view: inclusive = -1..=5
    let from = 3u8..; // view: from = 3..
    let to = ..7u8; // view: to = ..7
    let to_inclusive = ..=7u8; // view: to_inclusive = ..=7
    let full = ..; // view: full = ..
    let chars = 'a'..='z'; // view: chars = 'a'..='z'
    let mut exhausted = 1..=1u8; // length: exhausted = 0
    exhausted.next();
    let bound = Bound::Included(4); // view: bound = Included(4)
    stop_here(); // stop: ranges
    keep!(range, inclusive, from, to, to_inclusive, full, chars, exhausted, bound);
}

pub fn times() {
    let second = Duration::from_secs(1); // view: second = 1s
    let millis = Duration::from_millis(1500); // view: millis = 1.5s
    let micros = Duration::from_micros(2500); // view: micros = 2.5ms
    let nanos = Duration::from_nanos(1_001); // view: nanos = 1.001µs
    let nothing = Duration::ZERO; // view: nothing = 0ns
    let days = Duration::from_secs(90_061); // view: days = 90061s
    let longest = Duration::MAX; // view: longest = 18446744073709551615.999999999s
    let epoch = UNIX_EPOCH; // view: epoch = 1970-01-01T00:00:00Z
    let billion = UNIX_EPOCH + Duration::from_secs(1_000_000_000); // view: billion = 2001-09-09T01:46:40Z
    let fraction = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789); // view: fraction = 2001-09-09T01:46:40.123456789Z
    let some_time = Some(UNIX_EPOCH); // view: some_time = Some(1970-01-01T00:00:00Z)
    let now = SystemTime::now();
    let instant = Instant::now();
    stop_here(); // stop: times
    keep!(second, millis, micros, nanos, nothing, days, longest, epoch, billion, fraction, some_time, now, instant);
}

pub fn addresses() {
    let localhost = Ipv4Addr::LOCALHOST;
    let v6 = Ipv6Addr::LOCALHOST;
    let either = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let socket = SocketAddr::from(([127, 0, 0, 1], 8080));
    stop_here(); // stop: addresses
    keep!(localhost, v6, either, socket);
}
