//! Strings of all kinds.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::{keep, stop_here};

pub fn strings() {
    let literal = "hello"; // view: literal = "hello"
    let empty = ""; // view: empty = ""
    let unicode = "héllo wörld 🦀"; // view: unicode = "héllo wörld 🦀"
    let escapes = "a \"quoted\" line\nand\ta \\ and a \0"; // view: escapes = "a \"quoted\" line\nand\ta \\ and a \0"
    let part = &unicode[7..13]; // view: part = "wörld"
    let owned = String::from("owned"); // view: owned = "owned"
    let owned_empty = String::new(); // view: owned_empty = ""
    let owned_unicode = "naïve café ☕".to_string(); // view: owned_unicode = "naïve café ☕"
    let mut with_capacity = String::with_capacity(1000);
    with_capacity.push_str("short"); // view: with_capacity = "short"
    let long = "0123456789".repeat(1000); // length: long = 10000
    let reference = &owned; // view: reference = "owned"
    let mut changed = String::from("to be changed");
    let changing = &mut changed; // view: changing = "to be changed!"
    changing.push('!');
    let list = vec![String::from("one"), String::new(), String::from("three")]; // view: list = ["one", "", "three"]
    stop_here(); // stop: strings
    keep!(literal, empty, unicode, escapes, part, owned, owned_empty, owned_unicode);
    keep!(with_capacity, long, reference, changing, list);
}

pub fn other_strings() {
    let boxed: Box<str> = "boxed".into(); // view: boxed = "boxed"
    let counted: Rc<str> = "counted".into(); // view: counted = "counted"
    let shared: Arc<str> = Arc::from("shared"); // view: shared = "shared"
    let borrowed: Cow<'_, str> = Cow::Borrowed("borrowed"); // view: borrowed = "borrowed"
    let owned: Cow<'_, str> = Cow::Owned("owned".repeat(2)); // view: owned = "ownedowned"
    let bytes = b"bytes"; // view: bytes = [98, 121, 116, 101, 115]
    let byte_vec = vec![0u8, 255, 10]; // view: byte_vec = [0, 255, 10]
    let c_string = CString::new("of C").unwrap(); // view: c_string = "of C"
    let c_str: &CStr = c"borrowed of C"; // view: c_str = "borrowed of C"
    let os_string = OsString::from("of the system"); // view: os_string = "of the system"
    let path_buf = PathBuf::from("/data/plugin.json"); // view: path_buf = "/data/plugin.json"
    let path: &Path = Path::new("relative/ü"); // view: path = "relative/ü"
    stop_here(); // stop: other_strings
    keep!(boxed, counted, shared, borrowed, owned, bytes, byte_vec, c_string, c_str, os_string);
    keep!(path_buf, path);
}
