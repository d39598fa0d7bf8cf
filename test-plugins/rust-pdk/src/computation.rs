//! Work without the host: what costs fuel, memory and stack.

use std::{hint::black_box, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::info;
use wasmi_plugin_pdk::{rpc_message::RpcError, transport::JsonRpcTransport};

use crate::basics::NoParams;

#[derive(Deserialize)]
pub struct PrimeSieveParams {
    limit: usize,
}

#[derive(Serialize)]
pub struct Primes {
    count: usize,
    largest: Option<usize>,
}

/// `prime_sieve {limit}` → `{count, largest}` of the primes up to and including the limit.
pub async fn prime_sieve(
    _host: Arc<JsonRpcTransport>,
    params: PrimeSieveParams,
) -> Result<Primes, RpcError> {
    let primes = primes_up_to(params.limit);
    Ok(Primes {
        count: primes.len(),
        largest: primes.last().copied(),
    })
}

/// The sieve of Eratosthenes.
fn primes_up_to(limit: usize) -> Vec<usize> {
    let mut composite = vec![false; limit + 1];
    let mut primes = Vec::new();
    for candidate in 2..=limit {
        if composite[candidate] {
            continue;
        }
        primes.push(candidate);
        let mut multiple = candidate.saturating_mul(candidate);
        while multiple <= limit {
            composite[multiple] = true;
            multiple += candidate;
        }
    }
    primes
}

/// `floats` → the bits, in hexadecimal, of what arithmetic makes of NaNs. WebAssembly leaves them open, so engines differ,
/// and V8 differs from itself once code gets hot.
pub async fn floats(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<Value, RpcError> {
    let (zero, other_zero) = black_box((0.0_f64, 0.0_f64));
    let (infinity, other_infinity) = black_box((f64::INFINITY, f64::INFINITY));
    let payload = black_box(f64::from_bits(0x7ff0_0000_0000_1234));
    let (narrow_zero, other_narrow_zero) = black_box((0.0_f32, 0.0_f32));
    Ok(json!({
        "0/0": bits(zero / other_zero),
        "inf-inf": bits(infinity - other_infinity),
        "sqrt(-1)": bits((zero - 1.0).sqrt()),
        "nan+1": bits(payload + 1.0),
        "nan*nan": bits(payload * black_box(f64::NAN)),
        "-nan": bits(-payload),
        "f32 0/0": format!("{:08x}", (narrow_zero / other_narrow_zero).to_bits()),
        "nan as f32": format!("{:08x}", (payload as f32).to_bits()),
        "hot": bits(hot_nan(100_000)),
    }))
}

fn bits(number: f64) -> String {
    format!("{:016x}", number.to_bits())
}

/// Keeps a NaN in arithmetic for long enough that a JIT compiles the loop while it runs.
fn hot_nan(rounds: u32) -> f64 {
    let mut sum = black_box(f64::from_bits(0xfff8_0000_dead_beef));
    for round in 0..rounds {
        sum = sum * 0.5 + f64::from(black_box(round));
    }
    sum
}

#[derive(Deserialize)]
pub struct AllocParams {
    megabytes: usize,
}

/// `alloc {megabytes}` → a checksum, after filling, copying and moving that much memory (memory.fill and memory.copy).
pub async fn alloc(_host: Arc<JsonRpcTransport>, params: AllocParams) -> Result<u64, RpcError> {
    let size = params.megabytes * 1024 * 1024;
    let filled = vec![7_u8; size];
    let mut copied = black_box(&filled).clone();
    copied.copy_within(size / 4.., 0);
    Ok(copied
        .iter()
        .step_by(4096)
        .map(|&byte| u64::from(byte))
        .sum())
}

#[derive(Deserialize)]
pub struct RecurseParams {
    depth: u64,
}

/// `recurse {depth}` → 1 + 2 + … + depth, by as many calls on the stack. Production traps at 1 000 frames in all.
pub async fn recurse(_host: Arc<JsonRpcTransport>, params: RecurseParams) -> Result<u64, RpcError> {
    Ok(sum_up_to(params.depth))
}

#[inline(never)]
fn sum_up_to(number: u64) -> u64 {
    // The black box keeps the optimiser from turning the recursion into a loop, or into a formula.
    let number = black_box(number);
    if number == 0 {
        0
    } else {
        number + black_box(sum_up_to(number - 1))
    }
}

/// `spin` → nothing: it never ends, calls nothing and allocates nothing.
pub async fn spin(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<(), RpcError> {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// `grow` → nothing: it takes 16 MiB again and again until there are no more.
pub async fn grow(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<(), RpcError> {
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    loop {
        chunks.push(vec![1; 16 * 1024 * 1024]);
        info!("{} MiB", black_box(&chunks).len() * 16);
    }
}
