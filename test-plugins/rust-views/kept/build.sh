#!/usr/bin/env bash
# Makes rust-views-1.85.wasm.gz: the plugin as rustc 1.85 of February 2025 builds it, with debug information, for views that must not depend on
# the compiler's version. Needs Debian 12 (its packages rustc-web 1.85, clang-22, lld-22 and wasi-libc; nothing is installed) and ten minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=1.85.0+dfsg3-1~deb12u3
work=${1:-$(mktemp -d)}
root=$work/root

mkdir -p "$root" "$work/packages" "$work/crate"
if [ ! -x "$root/usr/bin/rustc" ]; then
  (cd "$work/packages" && apt-get download libllvm19 libpcre3 libstd-rust-web-1.85 \
    "rustc-web=$version" "cargo-web=$version" "libstd-rust-web-dev=$version" "rust-web-src=$version")
  for package in "$work"/packages/*.deb; do dpkg -x "$package" "$root"; done
fi
LD_LIBRARY_PATH=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH

# what Debian's wasi-libc lacks: see scripts/toolchain.ts
for name in 'join(void *thread, void **result)' 'detach(void *thread)'; do
  echo "__attribute__((weak)) int pthread_$name { (void)thread; return 28; }"
done > "$work/stubs.c"
clang-22 --target=wasm32-wasip1 -O1 -c "$work/stubs.c" -o "$work/stubs.o"

cp -r "$here/../Cargo.toml" "$here/../Cargo.lock" "$here/../src" "$work/crate/"
libraries=/usr/lib/wasm32-wasi
sysroot=$root/usr/lib/rustlib/src/rust
export RUSTC="$root/usr/bin/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld-22
registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
flags="-Clink-self-contained=no -Clinker-flavor=wasm-ld -L$libraries -Clink-arg=$libraries/crt1-command.o -Clink-arg=$work/stubs.o"
flags+=" --remap-path-prefix=$work/crate=/rust-views --remap-path-prefix=$registry=/registry"
# as rustup's standard library has it: the commit of 1.85.0
flags+=" --remap-path-prefix=$sysroot=/rustc/4d91de4e48198da2e33413efdcd9cd2cc0c46688"
for index in "$registry"/*/; do flags+=" --remap-path-prefix=${index%/}=/registry"; done
export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS=$flags
cd "$work/crate"
"$root/usr/bin/cargo" build -Zbuild-std=std,panic_abort --locked --target wasm32-wasip1 --no-default-features --profile kept

module=target/wasm32-wasip1/kept/rust-views.wasm
if grep -aqF -e "$work" -e "$HOME" "$module"; then
  echo 'The module names folders of this machine: see the remapped prefixes above.' >&2
  exit 1
fi
gzip -9nc "$module" > "$here/rust-views-1.85.wasm.gz"
node "$here/sources.ts" > "$here/rust-views-1.85.sources"
