// The content of a secret must not get into a log.
// says: doesn't implement `std::fmt::Debug`
fn log(it: &tower_auth::Secret<String>) {
    println!("{it:?}");
}

fn main() {
    let _ = log;
}
