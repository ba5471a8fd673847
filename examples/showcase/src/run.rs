//! The program, from the command line to the shutdown.

use std::error::Error;
use std::time::Duration;

use tokio::net::TcpListener;
use tower_auth::Clock;

use crate::args::{Args, HELP};
use crate::tls::TlsListener;
use crate::users::Users;
use crate::{Config, app, greeting, keys};

/// Reads the command line, opens the keys and the store, prints the lines to try, and serves until
/// Ctrl-C.
///
/// # Errors
/// The command line is invalid, or the keys, the store or the address cannot be used.
pub async fn run(line: lexopt::Parser) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(args) = Args::parse(line)? else {
        print!("{HELP}");
        return Ok(());
    };
    let clock = Clock::system();
    let ring = keys::open(args.keys.as_deref())?;
    let store = args.store.open(clock.clone()).await?;
    let listener = TcpListener::bind(&args.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
    let address = listener.local_addr()?;

    let users = Users::demo().map_err(|error| error.to_string())?;
    let signing_key = keys::signing_key(args.keys.as_deref())?;
    let mut config = Config::new(store, ring, signing_key, users);
    config.sessions_in_cookie = args.store.is_the_client();
    config.clock = clock;
    config.refresh_window = args.refresh_window;
    config.https = args.is_https();
    config.public_origin.clone_from(&args.public_origin);
    let app = app(config)?;

    print!("{}", greeting::text(&args, address));
    let serving = async {
        if args.tls {
            let hosts = ["localhost", "127.0.0.1", "::1", &address.ip().to_string()];
            let listener = TlsListener::new(listener, hosts.map(Into::into).into())?;
            axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
        } else {
            axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
        }
        Ok(())
    };
    tokio::select! {
        served = serving => served,
        () = stop_for(GRACE) => Ok(()),
    }
}

/// The time that responses in progress have at shutdown. A stream could otherwise take forever.
const GRACE: Duration = Duration::from_secs(2);

async fn stop_for(grace: Duration) {
    stop().await;
    tokio::time::sleep(grace).await;
}

/// Waits for Ctrl-C. If the signal is not available, the program runs until it is ended otherwise.
async fn stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
