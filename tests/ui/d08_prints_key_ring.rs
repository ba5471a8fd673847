// What it holds must not get into a log.
// says: doesn't implement `std::fmt::Debug`
fn log(it: &tower_auth::KeyRing) {
    println!("{it:?}");
}

fn main() {
    let _ = log;
}
